import { type BitCoder, codeBits, codeGamma, codeSigned } from './bit-coder.ts';
import { bitsOf } from './float-bits.ts';

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
  readonly uniform?: UniformCodebook & { readonly mantissa: number };
}

/** A codebook may have so many entries: an index has 16 bits. */
const LARGEST = 65536;

/**
 * Walks a codebook, ascending: as multiples of a step if that is exact, else as floats with as few mantissa bits as are exact.
 *
 * ```
 * gamma(count)  then, unless it is 0:
 *   uniform:1 = 1 → float(step) signed(level_0) gamma(level_i − level_(i−1) − 1)*
 *             = 0 → negative:b  m:5  lowest exponent:8  w:4  (exponent − lowest:w  mantissa:m)*     b = bits of count
 * ```
 *
 * @param plan - when encoding, what to write
 * @throws CorruptDataError (when decoding) if there are more than `limit` entries or a level is beyond 2²⁴
 */
export function codeCodebook(coder: BitCoder, limit: number, plan?: CodebookPlan): Float32Array {
  const count = codeGamma(coder, plan?.codebook.length ?? 0);
  if (count > Math.min(limit, LARGEST)) coder.fail('limit', `a codebook of ${count} entries, more than ${limit}`);
  if (count === 0) return new Float32Array(0);
  return codeBits(coder, plan?.uniform ? 1 : 0, 1) === 1
    ? codeUniform(coder, count, plan?.uniform)
    : codeList(coder, count, plan);
}

function codeUniform(coder: BitCoder, count: number, uniform?: CodebookPlan['uniform']): Float32Array {
  const mantissa = codeMantissaBits(coder, uniform?.mantissa ?? 0);
  const bits = bitsOf(Float32Array.of(uniform?.step ?? 0))[0]!;
  const step = new Float32Array(1);
  const exponent = codeBits(coder, bits >>> 23, 8);
  bitsOf(step)[0] =
    (exponent << 23) | (codeBits(coder, (bits & 0x7fffff) >>> (23 - mantissa), mantissa) << (23 - mantissa));
  const codebook = new Float32Array(count);
  let level = 0;
  for (let i = 0; i < count; i++) {
    const given = uniform?.levels;
    level =
      i === 0
        ? codeSigned(coder, given?.[0] ?? 0)
        : level + 1 + codeGamma(coder, given ? given[i]! - given[i - 1]! - 1 : 0);
    if (Math.abs(level) > 2 ** 24) coder.fail('number-out-of-range', 'a codebook level over 2^24');
    codebook[i] = step[0]! * level;
  }
  return codebook;
}

function codeList(coder: BitCoder, count: number, plan?: CodebookPlan): Float32Array {
  const codebook = new Float32Array(count);
  const given = plan && bitsOf(plan.codebook);
  const out = bitsOf(codebook);
  const negative = codeBits(
    coder,
    given ? given.filter((bits) => bits >>> 31 === 1).length : 0,
    32 - Math.clz32(count),
  );
  const mantissa = codeMantissaBits(coder, plan?.mantissa ?? 0);
  const exponents = given ? Array.from(given, (bits) => (bits >>> 23) & 0xff) : [0];
  const lowest = codeBits(
    coder,
    exponents.reduce((a, b) => Math.min(a, b)),
    8,
  );
  const width = codeBits(coder, 32 - Math.clz32(exponents.reduce((a, b) => Math.max(a, b)) - lowest), 4);
  if (negative > count || width > 8) coder.fail('not-a-codebook', 'a codebook with impossible counts');
  for (let i = 0; i < count; i++) {
    const exponent = lowest + codeBits(coder, given ? exponents[i]! - lowest : 0, width);
    if (exponent > 255) coder.fail('number-out-of-range', 'a float exponent over 255');
    const fraction = codeBits(coder, given ? (given[i]! & 0x7fffff) >>> (23 - mantissa) : 0, mantissa);
    out[i] = ((i < negative ? 0x80000000 : 0) | (exponent << 23) | (fraction << (23 - mantissa))) >>> 0;
  }
  return codebook;
}

/** 5 bits: 0…23. */
export function codeMantissaBits(coder: BitCoder, mantissa: number): number {
  const bits = codeBits(coder, mantissa, 5);
  if (bits > 23) coder.fail('number-out-of-range', `${bits} mantissa bits`);
  return bits;
}
