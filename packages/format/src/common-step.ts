/** Levels beyond this are none: the numbers are unrelated. */
const MOST = 2 ** 20;

/**
 * Finds the largest step of which all numbers are whole multiples, exactly in float32: their greatest common divisor.
 *
 * A float is a whole number times a power of two, so that Euclid's algorithm is exact: with the lowest exponent as the common
 * one, all are whole numbers below 2⁵³ unless they span more than 29 octaves.
 *
 * @returns undefined if there is none with |level| ≤ 2²⁰ for all, or no number but zeros
 * @example
 * commonStep(Float32Array.of(-0.75, 0, 1.25)) // 0.25
 */
export function commonStep(numbers: Float32Array): number | undefined {
  let largest = 0;
  let smallest = Infinity;
  for (const number of numbers) {
    const size = Math.abs(number);
    if (size > largest) largest = size;
    if (size > 0 && size < smallest) smallest = size;
  }
  if (!(largest > 0 && largest < Infinity)) return undefined;
  // Each is a whole multiple of the last bit of the smallest, 24 bits below its leading one; subnormal numbers of 2⁻¹⁴⁹.
  const unit = 2 ** Math.max(-149, Math.floor(Math.log2(smallest)) - 24);
  if (largest / unit > Number.MAX_SAFE_INTEGER) return undefined;
  const least = largest / MOST;
  let step = 0;
  for (const number of numbers) {
    let a = Math.abs(number) / unit;
    let b = step;
    while (b > 0) [a, b] = [b, a % b];
    step = a;
    if (step > 0 && step * unit < least) return undefined;
  }
  return step * unit;
}
