import { seededRandom } from '@pare/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepJointly } from './keep-jointly.ts';
import { outputError, outputMoments, pruneRows } from './prune-rows.ts';
import { refit } from './refit.ts';

/** Moments of inputs with a common part, of so many examples, and the inputs themselves. */
function inputsOf(n: number, examples: number, seed: number, common = 0.7) {
  const random = seededRandom(seed);
  const x = Array.from({ length: examples }, () => {
    const shared = random.normal();
    return Float64Array.from({ length: n }, () => Math.max(0, common * shared + random.normal()));
  });
  const moments = new Float64Array(n * n);
  for (const row of x)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) moments[i * n + j]! += (row[i]! * row[j]!) / examples;
  return { x, moments };
}

const normals = (count: number, seed: number) => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};
const sum = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => a + b, 0);

describe('keepJointly', () => {
  test('leaves two large weights that cancel each other, and keeps a smaller one that does not', () => {
    const alike = Float64Array.of(1, 1, 0, 1, 1, 0, 0, 0, 1);
    expect([...keepJointly(alike, Float32Array.of(2, -2, 0.5), 1, { byMagnitude: 0 })]).toEqual([0, 0, 1]);
    expect([...keepJointly(alike, Float32Array.of(2, -2, 0.5), 1, { byMagnitude: 1 })]).toEqual([1, 0, 0]);
  });

  test('each step takes the weight whose return lowers the error most, by trying them all', () => {
    const { x, moments } = inputsOf(7, 200, 1);
    const weights = normals(7, 2);
    const missed = (mask: ArrayLike<number>) =>
      sum(x.map((row) => sum(row.map((value, i) => (mask[i] ? 0 : value * weights[i]!))) ** 2)) / x.length;
    for (let keep = 1; keep <= 7; keep++) {
      const before = keepJointly(moments, weights, keep - 1, { byMagnitude: 0 });
      const after = keepJointly(moments, weights, keep, { byMagnitude: 0 });
      const best = Math.min(
        ...[...before].flatMap((bit, j) => (bit ? [] : [missed(before.map((b, i) => (i === j ? 1 : b)))])),
      );
      expect(missed(after)).toBeCloseTo(best, 9);
    }
  });

  test('keeps as many as asked for, the largest among them, and no zeros', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(12), fc.nat(1000), (n, wish, seed) => {
        const keep = Math.min(n, wish);
        const weights = normals(n, seed);
        weights[0] = 0;
        const mask = keepJointly(inputsOf(n, 30, seed).moments, weights, keep);
        expect(mask[0]).toBe(0);
        expect(sum(mask)).toBe(Math.min(keep, n - 1));
        const largest = weights.reduce((best, value, i) => (Math.abs(value) > Math.abs(weights[best]!) ? i : best), 0);
        if (keep > 0 && n > 1) expect(mask[largest]).toBe(1);
      }),
      { seed: 1 },
    );
  });

  test('refuses what does not fit', () => {
    expect(() => keepJointly([1], Float32Array.of(1), 2)).toThrow(/"keep" expected a whole number 0 … 1, got 2/);
    expect(() => keepJointly([1, 2], Float32Array.of(1), 1)).toThrow(/"moments" expected 1 · 1 numbers, got 2/);
  });
});

describe('refit', () => {
  test('without a ridge it never raises the error on what it was fitted to', () => {
    for (const seed of [1, 2, 3]) {
      const { x, moments } = inputsOf(10, 400, seed);
      const weights = normals(10, seed + 10);
      const mask = Uint8Array.from(weights, (value) => (Math.abs(value) > 0.6 ? 1 : 0));
      const error = (v: ArrayLike<number>) =>
        sum(x.map((row) => sum(row.map((value, i) => value * (weights[i]! - v[i]!))) ** 2));
      const fitted = refit(moments, outputMoments(moments, weights), mask, weights, { ridge: 0 });
      const plain = weights.map((value, i) => value * mask[i]!);
      expect(error(fitted)).toBeLessThanOrEqual(error(plain) * (1 + 1e-6));
      // At the least error the gradient is zero: no kept weight can do better alone.
      for (const [i, bit] of mask.entries()) {
        if (!bit) expect(fitted[i]).toBe(0);
        else
          for (const step of [-0.01, 0.01])
            expect(error(fitted.map((v, j) => (j === i ? v + step : v)))).toBeGreaterThan(error(fitted));
      }
    }
  });

  test('conjugate gradients come to the same as Cholesky', () => {
    const { moments } = inputsOf(40, 500, 4);
    const weights = normals(40, 5);
    const mask = Uint8Array.from(weights, (_, i) => (i % 4 ? 1 : 0));
    const target = outputMoments(moments, weights);
    const [exact, iterated] = [256, 0].map((exactUpTo) =>
      refit(moments, target, mask, new Float32Array(40), { exactUpTo }),
    );
    for (const [i, value] of exact!.entries()) expect(Math.abs(value - iterated![i]!)).toBeLessThan(1e-4);
  });

  test('inputs that never vary need a ridge, and it says so', () => {
    const dead = Float64Array.of(1, 0, 0, 0);
    const both = Uint8Array.of(1, 1);
    expect(() => refit(dead, [1, 0], both, [0, 0], { ridge: 0 })).toThrow(
      /pivot of 0 at input 1: take a larger "ridge"/,
    );
    expect([...refit(dead, [1, 0], both, [0, 0], { ridge: 1e-3 })][1]).toBe(0);
    // Conjugate gradients once gave NaN: an output is wanted that no kept input can make.
    expect(() => refit(new Float64Array(4), [1, 0], both, [0, 0], { ridge: 0, exactUpTo: 0 })).toThrow(
      /got a curvature of 0: take a larger "ridge"/,
    );
  });
});

describe('pruneRows', () => {
  const { moments } = inputsOf(12, 500, 7);
  const inputs = Float32Array.from(moments);
  const weights = normals(5 * 12, 8);

  test('masks are kept exactly, whatever the method', () => {
    for (const options of [{}, { selection: 'magnitude' }, { refit: false }, { perFilter: 'evenly' }] as const) {
      const { values, mask } = pruneRows(weights, 5, { inputs }, 0.25, options);
      values.forEach((value, i) => void (mask[i] === 0 && expect(value).toBe(0)));
      expect(sum(mask)).toBe(15);
    }
    const { mask } = pruneRows(weights, 5, { inputs }, 0.25, { perFilter: 'evenly' });
    for (let row = 0; row < 5; row++) expect(sum(mask.subarray(12 * row, 12 * row + 12))).toBe(3);
  });

  test('all kept and no ridge: the weights that were given', () => {
    const { values } = pruneRows(weights, 5, { inputs }, 1, { ridge: 0 });
    values.forEach((value, i) => void expect(Math.abs(value - weights[i]!)).toBeLessThan(1e-3));
  });

  test('plain magnitude leaves what is kept as it was', () => {
    const { values, mask } = pruneRows(weights, 5, { inputs }, 0.5, { selection: 'magnitude', refit: false });
    values.forEach((value, i) => void expect(value).toBe(mask[i] ? weights[i] : 0));
  });

  test('misses less of the output than magnitude, and than magnitude refitted', () => {
    const missed = (options: Parameters<typeof pruneRows>[4]) => {
      const { values } = pruneRows(weights, 5, { inputs }, 0.3, { perFilter: 'evenly', ...options });
      return outputError(inputs, weights, values, 5);
    };
    const [joint, refitted, plain] = [
      missed({}),
      missed({ selection: 'magnitude' }),
      missed({ selection: 'magnitude', refit: false }),
    ];
    expect(joint).toBeLessThan(0.65 * plain);
    expect(joint).toBeLessThanOrEqual(1.02 * refitted);
  });

  test('no filter misses more than with the choice of magnitude, refitted', () => {
    let gaveWay = 0; // filters in which what was chosen jointly would have missed more
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 24 }), fc.integer({ min: 0, max: 10 }), fc.nat(1000), (n, tenths, seed) => {
        const given = Float32Array.from(inputsOf(n, 60, seed, 2).moments);
        const kernel = normals(3 * n, seed + 1);
        const ours = pruneRows(kernel, 3, { inputs: given }, tenths / 10);
        const theirs = pruneRows(kernel, 3, { inputs: given }, tenths / 10, { selection: 'magnitude' });
        for (let from = 0; from < 3 * n; from += n) {
          const [filter, kept] = [kernel, ours.mask].map((each) => each.subarray(from, from + n));
          const [missed, bound] = [ours, theirs].map(({ values }) =>
            outputError(given, filter as Float32Array, values.subarray(from, from + n), 1),
          );
          expect(missed!).toBeLessThanOrEqual(bound! * (1 + 1e-4) + 1e-9); // weights are rounded to float32
          const chosen = keepJointly(given, filter!, sum(kept!));
          if (chosen.some((bit, i) => bit !== kept![i])) gaveWay++;
        }
      }),
      { seed: 1 },
    );
    expect(gaveWay).toBeGreaterThan(0);
  });

  test('each group of filters has inputs of its own', () => {
    const [one, two] = [inputsOf(6, 300, 1), inputsOf(6, 300, 2, 0)].map((each) => Float32Array.from(each.moments));
    const kernel = normals(4 * 6, 3);
    const both = pruneRows(kernel, 4, { inputs: Float32Array.of(...one!, ...two!) }, 0.5, { perFilter: 'evenly' });
    const alone = pruneRows(kernel.subarray(12), 2, { inputs: two! }, 0.5, { perFilter: 'evenly' });
    expect([...both.values.subarray(12)]).toEqual([...alone.values]);
  });

  test('refuses moments of another layer', () => {
    expect(() => pruneRows(weights, 5, { inputs: new Float32Array(100) }, 0.5)).toThrow(
      /"moments" expected groups of \[12, 12\]/,
    );
    expect(() => pruneRows(weights, 5, { inputs, cross: new Float32Array(7) }, 0.5)).toThrow(
      /"cross" expected 144 numbers as "inputs", got 7/,
    );
    expect(() => outputError(new Float32Array(0), weights, weights, 5)).toThrow(
      /outputError: "moments" .* got 0 numbers/,
    );
    expect(() => outputError(inputs, weights, weights.subarray(1), 5)).toThrow(/"pruned" expected 60 numbers, got 59/);
    expect(() => pruneRows(weights, 5, { inputs }, 1.5)).toThrow(/"keep" expected 0 … 1, got 1.5/);
  });
});
