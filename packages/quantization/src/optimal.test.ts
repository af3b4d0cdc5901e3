import { seededRandom } from '@pare/core';
import { hardArrays } from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floats, largeValues } from '../test/values.ts';
import { kmeans } from './kmeans.ts';
import { optimalKmeans } from './optimal.ts';

test('finds what Lloyd’s algorithm misses', () => {
  const values = Float32Array.of(0, 1, 2, 100, 101, 102, 1000);
  expect(optimalKmeans(values, 3)).toEqual({
    codebook: Float32Array.of(1, 101, 1000),
    indices: Uint16Array.of(0, 0, 0, 1, 1, 1, 2),
    error: 4,
    iterations: 0,
  });
  // Lloyd's from 0, 2, 103 rests at {0, 1}, {2}, {100, 103} with error 5.
  const stuck = Float32Array.of(0, 1, 2, 100, 103);
  expect([kmeans(stuck, 3, { init: 'density' }).error, optimalKmeans(stuck, 3).error]).toEqual([5, 2]);
});

test('edges: nothing, one, all equal, as many clusters as values', () => {
  expect(optimalKmeans(new Float32Array(0), 3).codebook).toEqual(new Float32Array(0));
  expect(optimalKmeans(Float32Array.of(5), 3).codebook).toEqual(Float32Array.of(5));
  expect(optimalKmeans(new Float32Array(9).fill(0.5), 3).codebook).toEqual(Float32Array.of(0.5));
  expect(optimalKmeans(Float32Array.of(3, 1, 2), 3).codebook).toEqual(Float32Array.of(1, 2, 3));
});

test.each(hardArrays())('$name', ({ value }) => {
  for (const count of [1, 2, 5]) {
    const { codebook, indices, error } = optimalKmeans(value, count);
    expect(codebook.length).toBeLessThanOrEqual(count);
    expect(codebook.every(Number.isFinite)).toBe(true);
    expect(indices.every((k) => k < codebook.length)).toBe(true);
    expect(error).toBeLessThanOrEqual(kmeans(value, count).error * (1 + 1e-6));
  }
});

describe('laws', () => {
  test('no partition of a few values into stretches is better', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: 0, max: 3 })), {
          minLength: 1,
          maxLength: 9,
        }),
        fc.integer({ min: 1, max: 5 }),
        (pairs, count) => {
          const values = Float32Array.from(pairs, ([value]) => value);
          const importance = Float32Array.from(pairs, ([, weight]) => weight);
          const ordered = pairs.toSorted(([a], [b]) => a - b);
          const best = bruteForce(ordered, Math.min(count, pairs.length));
          // Entries are rounded to float32: off by 30·2⁻²⁴ at most, in the squared error of nine values of importance 3.
          expect(optimalKmeans(values, count, { importance }).error).toBeLessThanOrEqual(best + 1e-9);
          expect(optimalKmeans(values, count, { importance }).error).toBeGreaterThanOrEqual(best - 1e-9);
        },
      ),
      { seed: 1, numRuns: 300 },
    ));

  test('Lloyd’s algorithm is never better', () =>
    fc.assert(
      fc.property(floats(60, 8), fc.integer({ min: 1, max: 12 }), (values, count) => {
        const slack = 60 * (8 * 2 ** -24) ** 2; // centroids rounded to float32
        for (const init of ['linear', 'density'] as const) {
          expect(kmeans(values, count, { init }).error).toBeGreaterThanOrEqual(
            optimalKmeans(values, count).error - slack,
          );
        }
      }),
      { seed: 1 },
    ));

  test('one more cluster never hurts, and helps less than the one before', () => {
    const values = largeValues(seededRandom(1), 300);
    const errors = Array.from({ length: 12 }, (_, k) => optimalKmeans(values, k + 1).error);
    const gains = errors.slice(1).map((error, k) => errors[k]! - error);
    gains.forEach((gain, k) => {
      expect(gain).toBeGreaterThan(0);
      if (k > 0) expect(gain).toBeLessThanOrEqual(gains[k - 1]! * (1 + 1e-9)); // cost is Monge, so the optimum is convex in K
    });
  });

  test('a common offset does not drown the differences', () => {
    const values = Float32Array.of(0, 1, 10, 11, 30).map((value) => value + 2 ** 20);
    expect(optimalKmeans(values, 3).error).toBe(1);
  });
});

test('errors name the argument', () => {
  expect(() => optimalKmeans(Float32Array.of(Number.NaN), 2)).toThrow(
    'optimalKmeans: "values" expected finite numbers, got NaN at index 0',
  );
  expect(() => optimalKmeans(Float32Array.of(1), 70_000)).toThrow(RangeError);
});

/** Least error over all ways to cut sorted (value, importance) pairs into `count` stretches. */
function bruteForce(pairs: readonly (readonly [number, number])[], count: number): number {
  const cost = (part: typeof pairs) => {
    const weight = part.reduce((sum, [, h]) => sum + h, 0);
    const mean = weight && part.reduce((sum, [w, h]) => sum + h * w, 0) / weight;
    return part.reduce((sum, [w, h]) => sum + h * (w - mean) ** 2, 0);
  };
  if (count === 1) return cost(pairs);
  let best = Infinity;
  for (let cut = count - 1; cut < pairs.length; cut++) {
    best = Math.min(best, bruteForce(pairs.slice(0, cut), count - 1) + cost(pairs.slice(cut)));
  }
  return best;
}
