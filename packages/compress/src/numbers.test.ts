import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toElevenBits } from './numbers.ts';

test('keeps 11 significant bits, ties to even', () => {
  const ulp = 2 ** -10;
  expect([...toElevenBits(Float32Array.of(1 + 0.5 * ulp, 1 + 1.5 * ulp, -1 - 0.51 * ulp, 0, 1e-9))]).toEqual([
    1,
    1 + 2 * ulp,
    -1 - ulp,
    0,
    expect.closeTo(1e-9, 12),
  ]);
  expect(Object.is(toElevenBits(Float32Array.of(-0))[0], -0)).toBe(true);
});

test('is off by 2⁻¹¹ at most, changes nothing twice, and stays finite', () =>
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const [rounded] = toElevenBits(Float32Array.of(value));
      expect(Number.isFinite(rounded)).toBe(true);
      const largest = Math.abs(value) >= 2 ** 127 * 1.999;
      if (Math.abs(value) > 2 ** -126 && !largest)
        expect(Math.abs(rounded! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11);
      expect(toElevenBits(Float32Array.of(rounded!))[0]).toBe(rounded);
    }),
  ));
