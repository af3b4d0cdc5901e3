import type { Shared } from '@pare/core';
import { checkWhole } from './_check.ts';
import { keep } from './_kept.ts';
import { MAX_COUNT } from './clustering.ts';

/** The lattice: its `step` itself, or `bits` per level, from which the step follows. */
export type UniformOptions = { readonly step: number } | { readonly bits: number };

/**
 * Rounds values to multiples of a step, halves away from zero: level_i = sign(w_i)·⌊|w_i|/step + ½⌋.
 *
 * Level 0 is pruned (mask 0), the other levels in use are the codebook, ascending. With `bits` the step is
 * max|w| / (2^(bits − 1) − 1), so that the 2^bits − 1 levels lie symmetrically around zero. Retraining as shared weights
 * moves entries off the lattice.
 *
 * @param values - finite numbers
 * @param mask - 1 = kept; absent if all are
 * @throws RangeError if a kept value is not finite, `bits` is outside 2 … 16, or `step` is not positive or so small that
 *   levels do not fit in 16 bits
 * @example
 * uniformShare(Float32Array.of(0.2, 0.7, -1.3, 0), undefined, { step: 0.5 }) // { kind: 'shared', codebook: Float32Array [-1.5, 0.5], indices: Uint16Array [0, 1, 0, 0], mask: Uint8Array [0, 1, 1, 0] }
 */
export function uniformShare(values: Float32Array, mask: Uint8Array | undefined, options: UniformOptions): Shared {
  const kept = keep('uniformShare', values, mask);
  const largest = kept.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const step = stepOf(options, largest);
  const top = Math.floor(largest / step + 0.5);
  if (2 * top > MAX_COUNT) {
    throw new RangeError(
      `uniformShare: "step" expected at least ${largest / (MAX_COUNT / 2)} for values up to ${largest}, got ${step}`,
    );
  }
  const levels = new Int32Array(values.length);
  const used = new Uint8Array(2 * top + 1); // used[top + level]
  for (let i = 0; i < levels.length; i++) {
    if (!kept.mask[i]) continue;
    const level = Math.floor(Math.abs(values[i]!) / step + 0.5) * Math.sign(values[i]!);
    levels[i] = level;
    used[top + level] = 1;
    if (level === 0) kept.mask[i] = 0;
  }
  used[top] = 0;
  const codebook: number[] = [];
  const place = Uint16Array.from(used, (yes, at) => (yes ? codebook.push((at - top) * step) - 1 : 0));
  return {
    kind: 'shared',
    codebook: Float32Array.from(codebook),
    indices: Uint16Array.from(levels, (level) => place[top + level]!),
    mask: kept.mask,
  };
}

function stepOf(options: UniformOptions, largest: number): number {
  if ('bits' in options) {
    checkWhole('uniformShare', 'bits', options.bits, 2, 16);
    return largest / (2 ** (options.bits - 1) - 1) || 1; // all zero: any step will do
  }
  if (!(options.step > 0 && options.step < Infinity)) {
    throw new RangeError(`uniformShare: "step" expected a finite number > 0, got ${options.step}`);
  }
  return options.step;
}
