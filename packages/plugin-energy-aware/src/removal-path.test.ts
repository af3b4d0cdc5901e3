import { seededRandom } from '@pare/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compensate } from './compensate.ts';
import { invert } from './invert.ts';
import { magnitudePath, removalPath } from './removal-path.ts';

/** A filter, and the moments of inputs with a common part. */
function filterOf(n: number, seed: number) {
  const random = seededRandom(seed);
  const matrix = new Float64Array(n * n);
  for (let example = 0; example < 4 * n; example++) {
    const shared = random.normal();
    const x = Float64Array.from({ length: n }, () => Math.max(0, shared + random.normal()));
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j]! += (x[i]! * x[j]!) / (4 * n);
  }
  for (let i = 0; i < n; i++) matrix[i * n + i]! += 0.01;
  const weights = Float32Array.from({ length: n }, () => random.normal());
  return { n, matrix, inverse: invert(matrix, n), weights };
}

/** (w − v)ᵀ A (w − v) */
function missedBy(matrix: Float64Array, weights: Float32Array, v: ArrayLike<number>): number {
  const n = weights.length;
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) sum += (weights[i]! - v[i]!) * matrix[i * n + j]! * (weights[j]! - v[j]!);
  return sum;
}

const without = (n: number, gone: Iterable<number>): Uint8Array => {
  const mask = new Uint8Array(n).fill(1);
  for (const i of gone) mask[i] = 0;
  return mask;
};
const plain = (weights: Float32Array, mask: Uint8Array) => weights.map((weight, i) => weight * mask[i]!);
const filters = fc.tuple(fc.integer({ min: 1, max: 11 }), fc.nat(1000)).map(([n, seed]) => filterOf(n, seed));

describe('removalPath', () => {
  test('of two inputs that are nearly alike one goes first, though its weight is larger', () => {
    const { order, missed } = removalPath(
      invert(Float64Array.of(1, 0.9, 0, 0.9, 1, 0, 0, 0, 1), 3),
      Float32Array.of(2, 1.9, 1),
    );
    expect([...order]).toEqual([1, 2, 0]);
    expect(missed[1]).toBeCloseTo(1.9 ** 2 * (1 - 0.9 ** 2), 6);
  });

  test('each step takes what is missed least once all others make up for it, by trying them all', () => {
    fc.assert(
      fc.property(filters, ({ n, matrix, inverse, weights }) => {
        const { order, missed } = removalPath(inverse, weights);
        for (let step = 0; step < n; step++) {
          const before = order.subarray(0, step);
          const after = (i: number) => {
            const mask = without(n, [...before, i]);
            return missedBy(matrix, weights, compensate({ matrix, inverse }, weights, mask));
          };
          const least = Math.min(...Array.from({ length: n }, (_, i) => (before.includes(i) ? Infinity : after(i))));
          expect(missed[step + 1]!).toBeCloseTo(after(order[step]!), 4);
          expect(after(order[step]!)).toBeLessThanOrEqual(least * (1 + 1e-4) + 1e-6);
        }
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  test('weights of zero are no part of it, and others do not lean on them', () => {
    const { n, matrix, inverse, weights } = filterOf(9, 5);
    weights[3] = weights[7] = 0;
    const { order, missed } = removalPath(inverse, weights);
    expect([order.length, [...order].includes(3), [...order].includes(7)]).toEqual([7, false, false]);
    const mask = without(n, [3, 7, ...order.subarray(0, 4)]);
    expect(missed[4]!).toBeCloseTo(missedBy(matrix, weights, compensate({ matrix, inverse }, weights, mask)), 5);
  });

  test('by magnitude: the smallest first, and what is missed when the rest makes up for it', () => {
    const { n, matrix, inverse, weights } = filterOf(8, 2);
    const { order, missed } = removalPath(inverse, weights, true);
    const sizes = Array.from(order, (i) => Math.abs(weights[i]!));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    const mask = without(n, order.subarray(0, 5));
    expect(missed[5]!).toBeCloseTo(missedBy(matrix, weights, compensate({ matrix, inverse }, weights, mask)), 5);
  });

  test('nothing, and an inverse of other inputs', () => {
    expect([...removalPath(new Float64Array(0), new Float32Array(0)).missed]).toEqual([0]);
    expect(() => removalPath(new Float64Array(3), new Float32Array(2))).toThrow(
      /"inverse" expected 2 · 2 numbers, got 3/,
    );
  });
});

test('magnitudePath tells what is missed when nothing makes up for it', () => {
  fc.assert(
    fc.property(filters, ({ n, matrix, weights }) => {
      const { order, missed } = magnitudePath(matrix, weights);
      for (let step = 0; step <= n; step++) {
        const mask = without(n, order.subarray(0, step));
        expect(missed[step]!).toBeCloseTo(missedBy(matrix, weights, plain(weights, mask)), 4);
      }
    }),
    { seed: 1 },
  );
});

describe('compensate', () => {
  test('gives of all weights on the mask those that miss least: no change of one is better', () => {
    fc.assert(
      fc.property(filters, fc.nat(1000), ({ n, matrix, inverse, weights }, chance) => {
        const random = seededRandom(chance);
        const mask = Uint8Array.from({ length: n }, () => random.integer(2));
        const v = Float64Array.from(compensate({ matrix, inverse }, weights, mask));
        const least = missedBy(matrix, weights, v);
        expect(least).toBeLessThanOrEqual(missedBy(matrix, weights, plain(weights, mask)) + 1e-6);
        for (let i = 0; i < n; i++) {
          if (mask[i] === 0) expect(v[i]).toBe(0);
          else
            for (const by of [-0.05, 0.05]) {
              const moved = v.map((x, j) => (i === j ? x + by : x));
              expect(missedBy(matrix, weights, moved)).toBeGreaterThan(least - 1e-6);
            }
        }
      }),
      { seed: 1 },
    );
  });

  test('what is all kept stays as it is', () => {
    const { n, matrix, inverse, weights } = filterOf(6, 3);
    expect([...compensate({ matrix, inverse }, weights, without(n, []))]).toEqual([...weights]);
  });
});

test('invert: its product with the matrix is one, and what has no inverse is refused', () => {
  const { n, matrix, inverse } = filterOf(7, 4);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += matrix[i * n + k]! * inverse[k * n + j]!;
      expect(sum).toBeCloseTo(i === j ? 1 : 0, 9);
    }
  }
  expect(() => invert(Float64Array.of(1, 1, 1, 1), 2)).toThrow(/pivot of 0 at column 1: add a ridge/);
});
