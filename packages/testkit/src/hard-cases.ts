import { seededRandom } from '@pare/core';

/** Something known to break implementations, and what it is. */
export interface HardCase<T> {
  readonly name: string;
  readonly value: T;
}

/**
 * Lists arrays of finite numbers that break careless arithmetic: none, one, all zero, all equal, zeros of both signs,
 * denormals, extremes, ties in magnitude, one giant among dwarfs, and an ordinary heap of normal numbers.
 *
 * @param seed - of the chance in them; default 1
 * @example
 * hardArrays()[0].value.length // 0
 */
export function hardArrays(seed = 1): readonly HardCase<Float32Array>[] {
  const random = seededRandom(seed).fork('hardArrays');
  const fill = (length: number, at: (i: number) => number) => Float32Array.from({ length }, (_, i) => at(i));
  return [
    { name: 'no elements', value: new Float32Array(0) },
    { name: 'one element', value: Float32Array.of(-0.25) },
    { name: 'one zero', value: Float32Array.of(0) },
    { name: 'all zero', value: new Float32Array(24) },
    { name: 'all equal', value: new Float32Array(24).fill(0.1) },
    { name: 'zeros of both signs', value: fill(24, (i) => (i % 3 === 0 ? -0 : i % 3 === 1 ? 0 : i / 8)) },
    { name: 'equal magnitudes', value: fill(24, (i) => (i % 2 ? -0.5 : 0.5)) },
    // 2⁻¹⁴⁹ is the least float32 above zero, 2⁻¹²⁶ the least normal one.
    { name: 'denormals', value: fill(24, (i) => (i - 12) * 2 ** -149) },
    { name: 'around the least normal', value: fill(24, (i) => (i % 2 ? 1 : -1) * (1 + i / 24) * 2 ** -126) },
    { name: 'extremes', value: Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38, 2 ** -149, -0, 1, -1) },
    { name: 'one giant', value: fill(25, (i) => (i === 7 ? 1e6 : random.normal() * 1e-3)) },
    { name: 'mostly zero', value: fill(200, (i) => (i % 37 === 5 ? random.normal() : 0)) },
    { name: 'normal numbers', value: fill(120, () => random.normal()) },
  ];
}

/**
 * Lists masks of a length that break careless coders: all, none, first, last, every other, long gaps, chance.
 *
 * @param seed - of the chance in them; default 1
 * @example
 * Array.from(hardMasks(3)[1].value) // [0, 0, 0]
 */
export function hardMasks(length: number, seed = 1): readonly HardCase<Uint8Array>[] {
  const random = seededRandom(seed).fork('hardMasks');
  const where = (kept: (i: number) => boolean) => Uint8Array.from({ length }, (_, i) => (kept(i) ? 1 : 0));
  return [
    { name: 'all kept', value: where(() => true) },
    { name: 'none kept', value: where(() => false) },
    { name: 'only the first kept', value: where((i) => i === 0) },
    { name: 'only the last kept', value: where((i) => i === length - 1) },
    { name: 'every other kept', value: where((i) => i % 2 === 1) },
    { name: 'long gaps', value: where((i) => i % 67 === 66) },
    { name: 'a tenth kept by chance', value: where(() => random.float() < 0.1) },
  ];
}
