import { ArithmeticEncoder } from './arithmetic-encode.ts';
import { type CodebookPlan, codeCodebook, type UniformCodebook } from './codebook.ts';
import { commonStep } from './common-step.ts';
import { bitsOf, mantissaBits } from './float-bits.ts';

/**
 * Decides how to write a codebook: as multiples of a step where that reproduces every entry and is smaller, else as a list.
 *
 * @param codebook - ascending, without duplicates
 * @example
 * planCodebook(Float32Array.of(-0.5, 0.25, 0.5)).uniform?.levels // Int32Array [-2, 1, 2]
 */
export function planCodebook(codebook: Float32Array): CodebookPlan {
  const list: CodebookPlan = { codebook, mantissa: mantissaBits(codebook), asUniform: false };
  const found = uniformCodebook(codebook);
  if (!found) return list;
  const uniform = { ...found, mantissa: mantissaBits(Float32Array.of(found.step)) };
  const multiples: CodebookPlan = { ...list, uniform, asUniform: true };
  return sizeOf(multiples) <= sizeOf(list) ? multiples : { ...list, uniform };
}

function sizeOf(plan: CodebookPlan): number {
  const encoder = new ArithmeticEncoder();
  codeCodebook(encoder, 65536, plan);
  return encoder.size;
}

/** The smallest entry may be up to this multiple of the step. */
const LARGEST_FIRST_LEVEL = 16;

/** Rounding when the values were made, or when the largest is divided again, moves the step by this many units at most. */
const NEARBY_UNITS = 2;

/**
 * Looks for a step of which all entries are whole multiples, exactly in float32.
 *
 * A step of few bits shows as a common divisor. Multiples of a longer one were rounded when they were made: then the smallest
 * entry in size is tried as 1, 2, … 16 steps; the largest, which knows the step best, refines it.
 */
function uniformCodebook(codebook: Float32Array): UniformCodebook | undefined {
  const sizes = codebook.map(Math.abs).filter((size) => size > 0 && Number.isFinite(size));
  if (sizes.length === 0 || bitsOf(codebook).includes(0x80000000)) return undefined; // no multiple is −0
  const shared = commonStep(codebook);
  const exact = shared !== undefined && levelsOf(codebook, shared);
  if (exact) return { step: shared, levels: exact };
  const smallest = sizes.reduce((a, b) => Math.min(a, b));
  const largest = sizes.reduce((a, b) => Math.max(a, b));
  for (let first = 1; first <= LARGEST_FIRST_LEVEL; first++) {
    const top = Math.round((largest * first) / smallest);
    if (top > 2 ** 20) return undefined;
    const step = new Float32Array(1);
    for (let units = 0; units <= 2 * NEARBY_UNITS; units++) {
      step[0] = largest / top;
      bitsOf(step)[0]! += units & 1 ? (units + 1) >> 1 : -(units >> 1);
      const levels = levelsOf(codebook, step[0]);
      if (levels) return { step: step[0], levels };
    }
  }
  return undefined;
}

function levelsOf(codebook: Float32Array, step: number): Int32Array | undefined {
  const levels = new Int32Array(codebook.length);
  for (let i = 0; i < codebook.length; i++) {
    levels[i] = Math.round(codebook[i]! / step);
    if (!Object.is(Math.fround(step * levels[i]!), codebook[i]) && !(codebook[i] === 0 && levels[i] === 0))
      return undefined;
    if (i > 0 && levels[i]! <= levels[i - 1]!) return undefined;
  }
  return levels;
}
