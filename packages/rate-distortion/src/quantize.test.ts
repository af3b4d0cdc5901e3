import { seededRandom } from '@pare/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levelsToShared, toLevels } from './quantize.ts';

const random = seededRandom(3);
const normal = Float32Array.from({ length: 5000 }, () => random.normal());

test('makes multiples of a step', () => {
  expect(toLevels(Float32Array.of(0.9, 0, -2.2), { step: 0.5, slope: 0 }).levels).toEqual(Int32Array.of(2, 0, -4));
});

describe('edges', () => {
  test.each([false, true])('nothing, zeros, one number (trellis: %s)', (trellis) => {
    expect(toLevels(new Float32Array(0), { step: 1, trellis })).toMatchObject({ error: 0, bits: 0 });
    expect(toLevels(new Float32Array(5), { step: 1, trellis }).levels).toEqual(new Int32Array(5));
    expect(toLevels(Float32Array.of(4), { step: 1, trellis, slope: 0 }).error).toBe(0);
  });

  test('very large and very small numbers find a step', () => {
    const { step, levels } = toLevels(Float32Array.of(1e30, 1, -1e30), { step: 1e-3 });
    expect(Math.abs(levels[0]!)).toBeLessThanOrEqual(2 ** 20);
    expect(step).toBeGreaterThan(1e23);
    expect(toLevels(Float32Array.of(1e-44), { step: 1e-44 }).levels).toHaveLength(1);
  });
});

describe('laws', () => {
  test('products of step and level are exact in float32', () =>
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-6), max: 1, noNaN: true }), fc.boolean(), (step, trellis) => {
        const made = toLevels(normal.subarray(0, 200), { step, trellis });
        for (const level of made.levels) expect(Math.fround(made.step * level)).toBe(made.step * level);
      }),
      { numRuns: 30 },
    ));

  test.each([false, true])(
    'the error is that of the levels; a steeper slope saves bits and costs error (trellis: %s)',
    (trellis) => {
      let before = { error: 0, bits: Infinity };
      for (const slope of [0, 0.05, 0.1, 0.2]) {
        const made = toLevels(normal, { step: 0.8, trellis, slope });
        const error = normal.reduce((sum, value, i) => sum + (value - made.step * made.levels[i]!) ** 2, 0);
        expect(made.error).toBeCloseTo(error, 3);
        expect(made.bits).toBeLessThan(before.bits);
        expect(made.error).toBeGreaterThan(before.error);
        before = made;
      }
    },
  );

  test('rows that matter more are rounded better', () => {
    const rowImportance = Float32Array.of(1, 100);
    const { levels, step } = toLevels(normal, { step: 1.5, slope: 0.3, rowImportance });
    const errorOf = (from: number, end: number) =>
      normal.subarray(from, end).reduce((sum, value, i) => sum + (value - step * levels[from + i]!) ** 2, 0);
    expect(errorOf(2500, 5000)).toBeLessThan(errorOf(0, 2500));
  });

  test('the same numbers give the same levels', () => {
    expect(toLevels(normal, { step: 0.3, trellis: true })).toEqual(
      toLevels(normal.slice(), { step: 0.3, trellis: true }),
    );
  });
});

test('shared weights hold the multiples in use', () => {
  expect(levelsToShared({ levels: Int32Array.of(2, 0, -4), step: 0.5 })).toEqual({
    kind: 'shared',
    codebook: Float32Array.of(-2, 1),
    indices: Uint16Array.of(1, 0, 0),
    mask: Uint8Array.of(1, 0, 1),
  });
  const many = Int32Array.from({ length: 65537 }, (_, i) => i + 1);
  expect(() => levelsToShared({ levels: many, step: 1 })).toThrow(
    '"levels" expected at most 65536 different ones, got 65537',
  );
});

test('refuses what is out of range', () => {
  expect(() => toLevels(normal, { step: 0 })).toThrow('toLevels: "step" expected a finite number > 0, got 0');
  expect(() => toLevels(normal, { step: 1, slope: -1 })).toThrow('"slope" expected a finite number ≥ 0, got -1');
  expect(() => toLevels(normal, { step: 1, rowImportance: Float32Array.of(1, Number.NaN) })).toThrow(
    'got NaN at index 1',
  );
  expect(() => toLevels(normal, { step: 1, rows: 7 })).toThrow('toLevels: "rows" expected a divisor of 5000, got 7');
  expect(() => toLevels(normal, { step: 1, rows: 2, rowImportance: new Float32Array(5) })).toThrow(
    '"rowImportance" expected a number for each row, got 5 for 2 rows',
  );
});
