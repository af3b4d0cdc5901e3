import { seededRandom } from '@pare/core';
import { magnitudeMask } from '@pare/pruning';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KernelPlanOptions, kernelPlan } from './kernel-plan.ts';

/** A kernel of two groups of filters, whose inputs have a common part. */
function kernelOf(n: number, rows: number, seed: number) {
  const random = seededRandom(seed);
  const matrix = new Float32Array(2 * n * n);
  for (let group = 0; group < 2; group++) {
    for (let example = 0; example < 5 * n; example++) {
      const shared = 2 * random.normal();
      const x = Float32Array.from({ length: n }, () => shared + random.normal());
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[(group * n + i) * n + j]! += x[i]! * x[j]!;
    }
  }
  return {
    weights: Float32Array.from({ length: rows * n }, () => random.normal()),
    curvature: { matrix, importance: Float32Array.from({ length: rows }, () => 0.1 + random.float()) },
  };
}

const count = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0);
const [N, ROWS] = [8, 6];

/** ½ Σ importance · Δwᵀ M Δw */
function harmOf({ weights, curvature }: ReturnType<typeof kernelOf>, values: Float32Array): number {
  let harm = 0;
  for (let row = 0; row < ROWS; row++) {
    const group = row < ROWS / 2 ? 0 : 1;
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) {
        const product = [i, j].reduce((all, at) => all * (weights[row * N + at]! - values[row * N + at]!), 1);
        harm += 0.5 * curvature.importance[row]! * product * curvature.matrix[(group * N + i) * N + j]!;
      }
    }
  }
  return harm;
}

const ways: readonly KernelPlanOptions[] = [
  { damping: 0 },
  { selection: 'magnitude', damping: 0 },
  { selection: 'magnitude', compensate: false },
];
const kernels = fc.nat(1000).map((seed) => kernelOf(N, ROWS, seed));
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe('kernelPlan', () => {
  test('a filter that matters more keeps more', () => {
    const curvature = { matrix: Float32Array.of(1, 0, 0, 1), importance: Float32Array.of(1, 10) };
    const plan = kernelPlan(Float32Array.of(3, 2, 1, 3), 2, curvature);
    expect([...plan.prune(0.5).mask]).toEqual([0, 0, 1, 1]);
  });

  test('keeps the share that is asked for, and knows beforehand what harm that does', () => {
    fc.assert(
      fc.property(kernels, shares, fc.constantFrom(...ways), (kernel, keep, way) => {
        const plan = kernelPlan(kernel.weights, ROWS, kernel.curvature, way);
        const { mask, values } = plan.prune(keep);
        expect(count(mask)).toBe(Math.round(keep * N * ROWS));
        values.forEach((value, i) => void (mask[i] === 0 && expect(value).toBe(0)));
        const [told, harm] = [plan.harm(keep), harmOf(kernel, values)];
        expect(Math.abs(told - harm)).toBeLessThan(1e-4 * (1 + harm));
        expect(plan.harm(keep / 2)).toBeGreaterThanOrEqual(told);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('does less harm than magnitude whose rest makes up for it, and that less than magnitude', () => {
    const totals = ways.map((way) => {
      let sum = 0;
      for (let seed = 0; seed < 10; seed++) {
        const { weights, curvature } = kernelOf(N, ROWS, seed);
        sum += kernelPlan(weights, ROWS, curvature, way).harm(0.4);
      }
      return sum;
    });
    expect(totals[0]!).toBeLessThan(0.8 * totals[1]!);
    expect(totals[1]!).toBeLessThan(0.6 * totals[2]!);
  });

  test('by magnitude: the largest of the layer, as they were', () => {
    const { weights, curvature } = kernelOf(N, ROWS, 3);
    const { mask, values } = kernelPlan(weights, ROWS, curvature, { selection: 'magnitude', compensate: false }).prune(
      0.25,
    );
    expect([...mask]).toEqual([...magnitudeMask(weights, { keep: 0.25 })]);
    expect([...values]).toEqual(Array.from(weights, (weight, i) => (mask[i] === 1 ? weight : 0)));
  });

  test('zeros stay zero and count as gone; all kept is all as it was', () => {
    const { weights, curvature } = kernelOf(N, ROWS, 4);
    weights[5] = weights[17] = 0;
    const plan = kernelPlan(weights, ROWS, curvature);
    expect([...plan.prune(1).values]).toEqual([...weights]);
    expect([plan.harm(1), plan.harm((N * ROWS - 2) / (N * ROWS))]).toEqual([0, 0]);
    expect(plan.harm((N * ROWS - 3) / (N * ROWS))).toBeGreaterThan(0);
    const { mask } = plan.prune(0.5);
    expect([mask[5], mask[17], count(mask)]).toEqual([0, 0, (N * ROWS) / 2]);
  });

  test('refuses what does not fit', () => {
    const { weights, curvature } = kernelOf(N, ROWS, 5);
    expect(() => kernelPlan(weights, 5, curvature)).toThrow(/"curvature" expected groups of/);
    const none = { ...curvature, matrix: new Float32Array(0) };
    expect(() => kernelPlan(weights, ROWS, none)).toThrow(/"curvature" expected groups of .* got 0 numbers/);
    expect(() => kernelPlan(weights, ROWS, curvature).prune(2)).toThrow(/"keep" expected 0 … 1, got 2/);
    expect(() => kernelPlan(weights, ROWS, curvature, { compensate: false })).toThrow(
      /"compensate" expected to be true/,
    );
  });
});
