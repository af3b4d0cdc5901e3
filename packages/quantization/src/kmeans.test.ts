import { seededRandom } from '@pare/core';
import { hardArrays } from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floats, largeValues, squaredError } from '../test/values.ts';
import type { Clustering } from './clustering.ts';
import { type KmeansOptions, kmeans } from './kmeans.ts';
import { lloyd } from './lloyd.ts';

test('groups numbers around their means', () => {
  expect(kmeans(Float32Array.of(0, 10, 1, 11, 30), 3)).toEqual({
    codebook: Float32Array.of(0.5, 10.5, 30),
    indices: Uint16Array.of(0, 1, 0, 1, 2),
    error: 1,
    iterations: 1,
  });
});

describe('edges', () => {
  test('nothing to group', () => {
    expect(kmeans(new Float32Array(0), 4)).toEqual({
      codebook: new Float32Array(0),
      indices: new Uint16Array(0),
      error: 0,
      iterations: 0,
    });
  });

  test('fewer different values than clusters: each has its own, no error', () => {
    expect(kmeans(Float32Array.of(2, -1, 2, 0, -0), 8)).toEqual({
      codebook: Float32Array.of(-1, 0, 2),
      indices: Uint16Array.of(2, 0, 2, 1, 1),
      error: 0,
      iterations: 0,
    });
  });

  test('one cluster is the mean', () => {
    expect(kmeans(Float32Array.of(1, 2, 6), 1).codebook).toEqual(Float32Array.of(3));
  });

  test('no rounds: the start as it is', () => {
    expect(kmeans(Float32Array.of(0, 0.25, 3, 4), 2, { iterations: 0 }).codebook).toEqual(Float32Array.of(0, 4));
  });

  test('clusters in the gap that pruning leaves are put to use', () => {
    // Linear start: of 16 centroids from −1 to 1 those between −0.5 and 0.5 have no members.
    const random = seededRandom(3);
    const values = Float32Array.from(
      { length: 1000 },
      () => (0.5 + random.float() / 2) * (random.float() < 0.5 ? -1 : 1),
    );
    const { codebook } = kmeans(values, 16);
    expect(codebook.length).toBe(16);
    expect(codebook.every((entry) => Math.abs(entry) >= 0.5)).toBe(true);
  });

  test.each(hardArrays())('$name', ({ value }) => {
    for (const init of ['linear', 'density', 'random'] as const) {
      for (const count of [1, 2, 5]) promises(value, count, kmeans(value, count, { init, random: seededRandom(1) }));
    }
  });

  test('values without importance are assigned but pull nothing', () => {
    const { codebook, indices, error } = kmeans(Float32Array.of(0, 1, 10, 3), 2, {
      importance: Float32Array.of(1, 1, 2, 0),
    });
    expect(codebook).toEqual(Float32Array.of(0.5, 10));
    expect(indices).toEqual(Uint16Array.of(0, 0, 1, 0));
    expect(error).toBe(0.5);
    promises(Float32Array.of(1, 2, 3), 2, kmeans(Float32Array.of(1, 2, 3), 2, { importance: new Float32Array(3) }));
  });
});

describe('laws', () => {
  const inits: readonly KmeansOptions[] = [
    { init: 'linear' },
    { init: 'density' },
    { init: 'random', random: seededRandom(5) },
  ];
  test.each(inits)('each value has the nearest of ascending, used, different entries: $init', (options) =>
    fc.assert(
      fc.property(floats(), fc.integer({ min: 1, max: 9 }), (values, count) =>
        promises(values, count, kmeans(values, count, options)),
      ),
      { seed: 1 },
    ),
  );

  test('in the end each entry is the mean of its members', () => {
    const values = largeValues(seededRandom(2), 5000);
    const { codebook, indices, iterations } = kmeans(values, 12);
    expect(iterations).toBeLessThan(1000);
    const sums = new Float64Array(12);
    const counts = new Float64Array(12);
    values.forEach((value, i) => {
      sums[indices[i]!]! += value;
      counts[indices[i]!]!++;
    });
    expect(Float32Array.from(sums, (sum, k) => sum / counts[k]!)).toEqual(codebook);
  });

  test('more rounds never make it worse', () => {
    const values = largeValues(seededRandom(4), 2000);
    const errors = Array.from(
      { length: 30 },
      (_, iterations) => kmeans(values, 10, { iterations, init: 'density' }).error,
    );
    // A rounded entry is off by 2⁻²⁴ of itself at most, which is second order in the error: 2⁻⁴⁸·Σ w².
    const slack = 2 ** -48 * squaredError(values, new Float32Array(values.length));
    for (let i = 1; i < errors.length; i++) expect(errors[i]!).toBeLessThanOrEqual(errors[i - 1]! + slack);
  });

  test('agrees with passes over the data, one value at a time', () => {
    const values = largeValues(seededRandom(6), 3000);
    const start = Float64Array.of(-1, -0.01, 0.02, 0.5);
    expect(lloyd(values.slice().sort(), start, 1000).centroids).toEqual(plainLloyd(values.slice().sort(), start));
  });

  test('importance counts like repetition', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 3 })), { minLength: 1 }),
        (pairs) => {
          const weighted = kmeans(
            Float32Array.from(pairs, ([value]) => value),
            3,
            {
              importance: Float32Array.from(pairs, ([, times]) => times),
            },
          );
          const repeated = kmeans(Float32Array.from(pairs.flatMap(([value, times]) => Array(times).fill(value))), 3);
          expect(weighted.codebook).toEqual(repeated.codebook);
          expect(weighted.error).toBeCloseTo(repeated.error, 9); // sums of squares in another order
        },
      ),
      { seed: 1 },
    ));

  test('neither the order of values nor a second run changes the codebook', () => {
    const values = largeValues(seededRandom(8), 70_000);
    const shuffled = seededRandom(9).shuffle(values.slice());
    expect(kmeans(shuffled, 64).codebook).toEqual(kmeans(values, 64).codebook);
    expect(kmeans(values, 64)).toEqual(kmeans(values, 64));
  });
});

describe('errors', () => {
  const values = Float32Array.of(1, 2, 3);
  test.each([
    [() => kmeans(Float32Array.of(0, Number.NaN), 2), 'kmeans: "values" expected finite numbers, got NaN at index 1'],
    [() => kmeans(Float32Array.of(-Infinity), 2), 'kmeans: "values" expected finite numbers, got -Infinity at index 0'],
    [() => kmeans(values, 0), 'kmeans: "count" expected a whole number 1 … 65536, got 0'],
    [() => kmeans(values, 1.5), 'kmeans: "count" expected a whole number 1 … 65536, got 1.5'],
    [
      () => kmeans(values, 2, { init: 'kmeans++' as 'linear' }),
      `kmeans: "init" expected 'linear' or 'density' or 'random', got 'kmeans++'`,
    ],
    [() => kmeans(values, 2, { iterations: -1 }), 'kmeans: "iterations" expected a whole number'],
    [
      () => kmeans(values, 2, { importance: Float32Array.of(1) }),
      'kmeans: "importance" expected one number per value, that is 3, got 1',
    ],
    [
      () => kmeans(values, 2, { importance: Float32Array.of(1, -1, 1) }),
      'kmeans: "importance" expected finite numbers ≥ 0, got -1 at index 1',
    ],
  ])('%#', (call, message) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  });

  test('a random start without chance', () => expect(() => kmeans(values, 2, { init: 'random' })).toThrow(TypeError));
});

function promises(values: Float32Array, count: number, { codebook, indices, error }: Clustering): void {
  expect(codebook.length).toBeLessThanOrEqual(count);
  expect(codebook.every((entry, k) => Number.isFinite(entry) && (k === 0 || entry > codebook[k - 1]!))).toBe(true);
  expect(new Set(indices).size).toBe(codebook.length);
  const stand = Float32Array.from(indices, (k) => codebook[k]!);
  values.forEach((value, i) => {
    for (const entry of codebook) expect(Math.abs(value - stand[i]!)).toBeLessThanOrEqual(Math.abs(value - entry));
  });
  expect(Number.isFinite(error) && error >= 0).toBe(true);
}

function plainLloyd(values: Float32Array, start: Float64Array): Float64Array {
  let centroids = start;
  for (;;) {
    const groups: number[][] = Array.from(centroids, () => []);
    for (const value of values) {
      const distances = centroids.map((centroid) => Math.abs(value - centroid));
      groups[distances.indexOf(Math.min(...distances))]!.push(value);
    }
    const next = Float64Array.from(groups, (group) => group.reduce((a, b) => a + b, 0) / group.length);
    if (next.every((centroid, k) => Math.abs(centroid - centroids[k]!) < 1e-12)) return centroids;
    centroids = next;
  }
}
