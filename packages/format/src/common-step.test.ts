import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonStep } from './common-step.ts';

test('finds the step that multiples share', () => {
  expect(commonStep(Float32Array.of(-0.75, 0, 1.25))).toBe(0.25);
  expect(commonStep(Float32Array.of(3 * 2 ** -140, 5 * 2 ** -140))).toBe(2 ** -140); // subnormal
  expect(commonStep(Float32Array.of(0.1))).toBe(Math.fround(0.1));
});

test('is undefined where numbers have nothing in common', () => {
  expect(commonStep(new Float32Array(3))).toBeUndefined();
  expect(commonStep(new Float32Array(0))).toBeUndefined();
  expect(commonStep(Float32Array.of(0.1, 0.3, 0.7))).toBeUndefined();
  expect(commonStep(Float32Array.of(1e-30, 1))).toBeUndefined();
});

test('of exact multiples of a short step is that step or a multiple of it, and divides them all', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 255 }),
      fc.integer({ min: -30, max: 10 }),
      fc.array(fc.integer({ min: -(2 ** 16), max: 2 ** 16 }), { minLength: 1 }),
      (mantissa, exponent, levels) => {
        const step = mantissa * 2 ** exponent;
        const numbers = Float32Array.from(levels, (level) => level * step);
        const found = commonStep(numbers);
        if (levels.every((level) => level === 0)) {
          expect(found).toBeUndefined();
          return;
        }
        expect(found).toBeDefined();
        expect(found! % step).toBe(0);
        for (const number of numbers) expect(Number.isInteger(number / found!)).toBe(true);
      },
    ),
  ));
