import { type BitCoder, codeBits, codeGamma, codeSigned } from './bit-coder.ts';
import { bitsOf } from './float-bits.ts';
import { AdaptiveBits } from './mixture.ts';

/** A codebook as multiples of one step, exact to the bit: `value_i = float32(step · level_i)`. */
export interface UniformCodebook {
  readonly step: number;
  /** Whole numbers, ascending. */
  readonly levels: Int32Array;
}

/** What a codebook takes on paper, chosen by the encoder. */
export interface CodebookPlan {
  readonly codebook: Float32Array;
  readonly mantissa: number;
  /** If all entries are multiples of a step. */
  readonly uniform?: UniformCodebook & { readonly mantissa: number };
  /** Whether to write it as such, which takes less than a list; or, if nothing is said of entries, the step alone. */
  readonly asUniform: boolean;
}

/** A codebook may have so many entries: an index has 16 bits. */
const LARGEST = 65536;

/**
 * Walks a codebook, ascending: as multiples of a step if that is exact, else as floats with as few mantissa bits as are exact.
 *
 * ```
 * gamma(count)  then, unless it is 0:
 *   uniform:1 = 1 → float(step) signed(level_0) gamma(level_i − level_(i−1) − 1)*
 *             = 0 → negative:b  m:5  then for either sign  word_0:8+m  (width of word_i − word_(i−1), and its bits but the first)*
 *                   b = bits of count, word = exponent:8 mantissa:m
 * ```
 *
 * @param plan - when encoding, what to write
 * @throws CorruptDataError (when decoding) if there are more than `limit` entries or a level is beyond 2²⁴
 */
export function codeCodebook(coder: BitCoder, limit: number, plan?: CodebookPlan): Float32Array {
  const count = codeGamma(coder, plan?.codebook.length ?? 0);
  if (count > Math.min(limit, LARGEST)) coder.fail('limit', `a codebook of ${count} entries, more than ${limit}`);
  if (count === 0) return new Float32Array(0);
  return codeBits(coder, plan?.asUniform ? 1 : 0, 1) === 1
    ? codeUniform(coder, count, plan?.uniform)
    : codeList(coder, count, plan);
}

/** Codes the step of a uniform codebook, a float32 above zero. */
export function codeStep(coder: BitCoder, uniform?: CodebookPlan['uniform']): number {
  const mantissa = codeMantissaBits(coder, uniform?.mantissa ?? 0);
  const bits = bitsOf(Float32Array.of(uniform?.step ?? 0))[0]!;
  const step = new Float32Array(1);
  const exponent = codeBits(coder, bits >>> 23, 8);
  bitsOf(step)[0] =
    (exponent << 23) | (codeBits(coder, (bits & 0x7fffff) >>> (23 - mantissa), mantissa) << (23 - mantissa));
  return step[0]!;
}

function codeUniform(coder: BitCoder, count: number, uniform?: CodebookPlan['uniform']): Float32Array {
  const step = codeStep(coder, uniform);
  const codebook = new Float32Array(count);
  let level = 0;
  for (let i = 0; i < count; i++) {
    const given = uniform?.levels;
    level =
      i === 0
        ? codeSigned(coder, given?.[0] ?? 0)
        : level + 1 + codeGamma(coder, given ? given[i]! - given[i - 1]! - 1 : 0);
    if (Math.abs(level) > 2 ** 24) coder.fail('number-out-of-range', 'a codebook level over 2^24');
    codebook[i] = step * level;
  }
  return codebook;
}

/**
 * Of each sign, from the smallest size on, the bits of float32 that are in use as one number, which grows: the first one as it
 * is, then the differences, which for neighbours in a codebook are of much the same size.
 */
function codeList(coder: BitCoder, count: number, plan?: CodebookPlan): Float32Array {
  const codebook = new Float32Array(count);
  const given = plan && bitsOf(plan.codebook);
  const out = bitsOf(codebook);
  const negative = codeBits(
    coder,
    given ? given.filter((bits) => bits >>> 31 === 1).length : 0,
    32 - Math.clz32(count),
  );
  if (negative > count) coder.fail('not-a-codebook', 'a codebook with impossible counts');
  const mantissa = codeMantissaBits(coder, plan?.mantissa ?? 0);
  const cut = 23 - mantissa;
  const widths = new AdaptiveBits(2 + 2 * FARTHEST);
  for (const sign of [1, 0]) {
    // Sizes grow towards the start among the negative ones, towards the end among the others.
    const size = sign ? negative : count - negative;
    let word = 0;
    let width = Math.max(1, mantissa - 3); // of differences: neighbours lie within a sixteenth of each other
    for (let i = 0; i < size; i++) {
      const at = sign ? negative - 1 - i : negative + i;
      const target = given ? (given[at]! & 0x7fffffff) >>> cut : 0;
      if (i === 0) {
        word = codeBits(coder, target, 8 + mantissa);
      } else {
        width = codeNear(coder, widths, width, 32 - Math.clz32(target - word));
        if (width < 1 || width > 31) coder.fail('number-out-of-range', 'a codebook out of order');
        word += 2 ** (width - 1) + codeBits(coder, target - word, width - 1);
      }
      if (word >= 2 ** (8 + mantissa)) coder.fail('number-out-of-range', 'a float over the largest');
      out[at] = ((sign << 31) | (word << cut)) >>> 0;
    }
  }
  return codebook;
}

/** Steps away from the last width that have a context of their own. */
const FARTHEST = 8;

/** Codes a number that is probably the same as `expected`, or near: whether it is, whether it is above, how far beyond the next. */
function codeNear(coder: BitCoder, contexts: AdaptiveBits, expected: number, value: number): number {
  if (contexts.code(coder, 0, value === expected ? 1 : 0) === 1) return expected;
  const above = contexts.code(coder, 1, value > expected ? 1 : 0);
  let distance = 1;
  while (
    contexts.code(
      coder,
      1 + FARTHEST * above + Math.min(distance, FARTHEST),
      Math.abs(value - expected) === distance ? 1 : 0,
    ) === 0
  ) {
    if (++distance > 31) coder.fail('number-out-of-range', 'a width over 31');
  }
  return above ? expected + distance : expected - distance;
}

/** 5 bits: 0…23. */
export function codeMantissaBits(coder: BitCoder, mantissa: number): number {
  const bits = codeBits(coder, mantissa, 5);
  if (bits > 23) coder.fail('number-out-of-range', `${bits} mantissa bits`);
  return bits;
}
