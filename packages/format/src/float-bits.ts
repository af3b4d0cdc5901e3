/*
 * Floats are taken apart into sign, exponent and mantissa, and all values of a list are written with as many mantissa bits
 * as the longest among them needs: float32 exactly, yet values that are float16 or bfloat16 by nature at those sizes.
 *
 *     float32:  sign:1  exponent:8  mantissa:23
 */

/** The 32 bits of each float. */
export const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

/**
 * Finds how many of the 23 mantissa bits have to be written so that the rest is zero in all values.
 *
 * @example
 * mantissaBits(Float32Array.of(1.5, 2)) // 1
 */
export function mantissaBits(values: Float32Array): number {
  const bits = bitsOf(values);
  let union = 1 << 23; // stops the search at 0 bits
  for (let i = 0; i < bits.length; i++) union |= bits[i]! & 0x7fffff;
  return 23 - (31 - Math.clz32(union & -union));
}

/**
 * Rounds to the nearest float16 (ties to even), as a float32. Values beyond ±65504 become ±65504.
 *
 * @example
 * toFloat16(0.1) // 0.0999755859375
 */
export function toFloat16(value: number): number {
  const size = Math.abs(value);
  if (!(size < 65520)) return Math.sign(value) * 65504;
  // float16 has 10 mantissa bits and no exponent below 2⁻¹⁴, so its spacing here is 2^(⌊log2 size⌋ − 10), at least 2⁻²⁴.
  const exponent = (bitsOf(Float32Array.of(size))[0]! >>> 23) - 127;
  const spacing = 2 ** (Math.max(exponent, -14) - 10);
  const steps = size / spacing;
  const floor = Math.floor(steps);
  const up = steps - floor > 0.5 || (steps - floor === 0.5 && floor % 2 === 1);
  return Math.sign(value) * (floor + (up ? 1 : 0)) * spacing;
}
