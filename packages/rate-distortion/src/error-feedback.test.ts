import { seededRandom } from '@pare/core';
import { describe, expect, test } from 'vitest';
import type { Curvature } from './curvature.ts';
import { feedbackPlan } from './error-feedback.ts';
import { TRELLIS_NEXT } from './trellis-path.ts';

const DAMPING = 0.01;

/** A kernel, and the curvature of inputs that depend on each other. */
function sample(rows: number, columns: number, groups = 1, seed = 1): { values: Float32Array; curvature: Curvature } {
  const random = seededRandom(seed);
  const matrix = new Float32Array(groups * columns * columns);
  const inputs = Math.max(2, Math.ceil(columns / 2)); // fewer than columns: a matrix that damping alone makes definite
  for (let group = 0, at = 0; group < groups; group++) {
    const x = Float64Array.from({ length: columns * inputs }, () => random.normal());
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++, at++) {
        for (let n = 0; n < inputs; n++) matrix[at]! += (x[i * inputs + n]! * x[j * inputs + n]!) / inputs;
      }
    }
  }
  const importance = Float32Array.from({ length: rows }, () => 0.1 + random.float());
  const values = Float32Array.from({ length: rows * columns }, () => random.normal());
  return { values, curvature: { matrix, importance, groups } };
}

/** ½ Σ_k importance_k Δw_kᵀ (M + damp) Δw_k, in float64. */
function divergenceOf(values: Float32Array, changed: Float64Array, { matrix, importance, groups }: Curvature): number {
  const rows = importance.length;
  const columns = values.length / rows;
  let sum = 0;
  for (let k = 0; k < rows; k++) {
    const group = Math.floor((k * groups) / rows);
    const m = matrix.subarray(group * columns * columns, (group + 1) * columns * columns);
    let trace = 0;
    for (let j = 0; j < columns; j++) trace += m[j * columns + j]!;
    const damp = (DAMPING * trace) / columns;
    const delta = Float64Array.from(
      { length: columns },
      (_, j) => values[k * columns + j]! - changed[k * columns + j]!,
    );
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        sum += 0.5 * importance[k]! * delta[i]! * delta[j]! * (m[i * columns + j]! + (i === j ? damp : 0));
      }
    }
  }
  return sum;
}

const numbersOf = ({ levels, step }: { levels: Int32Array; step: number }): Float64Array =>
  Float64Array.from(levels, (level) => step * level);

describe.each([
  ['lattice', false],
  ['trellis', true],
])('%s', (_, trellis) => {
  test.each([
    [6, 5, 1],
    [20, 70, 1],
    [12, 40, 3],
  ])('divergence is that of the change itself: %i × %i, %i groups', (rows, columns, groups) => {
    const { values, curvature } = sample(rows, columns, groups);
    const made = feedbackPlan(values, curvature, { damping: DAMPING }).quantize(0.01, { trellis });
    const direct = divergenceOf(values, numbersOf(made), curvature);
    // The inverse of a matrix of condition < 10⁴ in float32, and numbers carried through some 70 additions of float32.
    expect(Math.abs(made.divergence - direct)).toBeLessThan(0.01 * direct);
  });

  test('error and bits are those of the levels', () => {
    const { values, curvature } = sample(20, 30);
    const made = feedbackPlan(values, curvature).quantize(0.01, { trellis });
    const changed = numbersOf(made);
    expect(made.error).toBeCloseTo(
      values.reduce((sum, value, i) => sum + (value - changed[i]!) ** 2, 0),
      9,
    );
    expect(made.bits).toBeGreaterThan(0);
    expect(made.trellis).toBe(trellis);
  });

  test('makes less divergence than rounding to the nearest, by half', () => {
    const { values, curvature } = sample(30, 80);
    const plan = feedbackPlan(values, curvature, { damping: DAMPING });
    const step = 0.25;
    const nearest = values.map((value) => Math.round(value / step));
    const plain = divergenceOf(
      values,
      Float64Array.from(nearest, (level) => level * step),
      curvature,
    );
    // So low a price that bits do not matter; a trellis has only half of the levels to choose from.
    const made = plan.quantize(1e-9, { trellis, step: trellis ? step / 2 : step });
    expect(divergenceOf(values, numbersOf(made), curvature)).toBeLessThan(plain / 2);
  });

  test('the dearer a bit, the fewer of them and the more divergence', () => {
    const { values, curvature } = sample(30, 40);
    const plan = feedbackPlan(values, curvature);
    const made = [1e-4, 1e-3, 1e-2, 1e-1].map((lambda) => plan.quantize(lambda, { trellis }));
    for (let i = 1; i < made.length; i++) {
      expect(made[i]!.bits).toBeLessThan(made[i - 1]!.bits);
      expect(made[i]!.divergence).toBeGreaterThan(made[i - 1]!.divergence);
    }
  });

  test('what is pruned stays so, and the others make up for it', () => {
    const { values, curvature } = sample(20, 50);
    const mask = Uint8Array.from(values, (_, i) => (i % 4 === 0 ? 0 : 1));
    const step = 0.01;
    const made = feedbackPlan(values, curvature, { damping: DAMPING, mask }).quantize(1e-9, { trellis, step });
    for (const [i, kept] of mask.entries()) if (kept === 0) expect(made.levels[i]).toBe(0);
    const alone = Float64Array.from(values, (value, i) => value * mask[i]!);
    expect(made.divergence).toBeLessThan(divergenceOf(values, alone, curvature) / 2);
  });

  test('groups are quantised as kernels of their own would be', () => {
    const { values, curvature } = sample(12, 20, 3);
    const whole = feedbackPlan(values, curvature).quantize(1e-9, { trellis: false, step: 0.1 });
    for (let group = 0; group < 3; group++) {
      const alone = feedbackPlan(values.subarray(group * 80, group * 80 + 80), {
        matrix: curvature.matrix.subarray(group * 400, group * 400 + 400),
        importance: curvature.importance.subarray(group * 4, group * 4 + 4),
        groups: 1,
      }).quantize(1e-9, { step: 0.1 });
      // What levels cost differs, but hardly anything is paid for it.
      expect(whole.levels.slice(group * 80, group * 80 + 80)).toEqual(alone.levels);
    }
  });

  test('the same input makes the same output, and leaves it as it was', () => {
    const { values, curvature } = sample(10, 40);
    const [before, matrix] = [values.slice(), curvature.matrix.slice()];
    const plan = feedbackPlan(values, curvature);
    const first = plan.quantize(0.01, { trellis });
    plan.quantize(0.1, { trellis: !trellis });
    expect(plan.quantize(0.01, { trellis })).toEqual(first);
    expect(feedbackPlan(values, curvature).quantize(0.01, { trellis })).toEqual(first);
    expect(values).toEqual(before);
    expect(curvature.matrix).toEqual(matrix);
  });

  test('kernels and inputs of zeros, and nothing at all, are quantised', () => {
    const { values, curvature } = sample(4, 6);
    const zeros = feedbackPlan(new Float32Array(24), curvature).quantize(0.01, { trellis });
    expect(zeros.levels).toEqual(new Int32Array(24));
    expect(zeros.divergence).toBe(0);

    const dead = {
      ...curvature,
      matrix: curvature.matrix.map((value, at) => (at % 6 === 2 || (at / 6) >> 0 === 2 ? 0 : value)),
    };
    expect(feedbackPlan(values, dead).quantize(0.01, { trellis }).divergence).toBeLessThan(Infinity);
    const allDead = { ...curvature, matrix: new Float32Array(36) };
    expect(feedbackPlan(values, allDead).quantize(0.01, { trellis }).divergence).toBeLessThan(Infinity);
    const worthless = { ...curvature, importance: new Float32Array(4) };
    expect(feedbackPlan(values, worthless).quantize(0.01, { trellis }).divergence).toBe(0);

    const nothing = { matrix: new Float32Array(0), importance: new Float32Array(0), groups: 1 };
    expect(feedbackPlan(new Float32Array(0), nothing).quantize(0.01, { trellis }).levels.length).toBe(0);
  });
});

test.each([1, 3])('levels of a trellis follow the machine down the columns, all %i groups through', (groups) => {
  const { values, curvature } = sample(12, 20, groups);
  const { levels } = feedbackPlan(values, curvature).quantize(0.003, { trellis: true });
  for (let j = 0; j < 20; j++) {
    let state = 0;
    for (let k = 0; k < 12; k++) {
      const level = levels[k * 20 + j]!;
      const half = state & 1;
      if (level !== 0) expect(Math.abs(level) & 1).toBe(half);
      state = TRELLIS_NEXT[2 * state + (((Math.abs(level) + half) >> 1) & 1)]!;
    }
  }
});

test('a trellis is worth half a decibel or more at the same price', () => {
  const { values, curvature } = sample(64, 60);
  const plan = feedbackPlan(values, curvature);
  // Both at their best step: divergence + λ · bits is what is made least, and of it ½ dB is 0.08 bits a weight.
  const lambda = 1e-3;
  const leastCost = (trellis: boolean): number =>
    Math.min(
      ...[0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55].map((step) => {
        const { divergence, bits } = plan.quantize(lambda, { trellis, step });
        return divergence / lambda + bits;
      }),
    );
  expect((leastCost(false) - leastCost(true)) / values.length).toBeGreaterThan(0.08);
});

describe.each([
  ['lattice', false],
  ['trellis', true],
])('a density, %s', (_, trellis) => {
  const shareOf = (levels: Int32Array): number =>
    levels.reduce((sum, level) => sum + (level !== 0 ? 1 : 0), 0) / levels.length;

  test.each([0, 0.01, 0.1, 0.35, 0.6])('of %d is met within half a point', (density) => {
    const { values, curvature } = sample(40, 70, 2);
    const { levels } = feedbackPlan(values, curvature).quantize(1e-5, { trellis, density });
    expect(Math.abs(shareOf(levels) - density)).toBeLessThan(0.005);
  });

  test('is a bound: at a price where more become 0 than it asks for it changes nothing', () => {
    const { values, curvature } = sample(40, 70);
    const plan = feedbackPlan(values, curvature);
    const free = plan.quantize(0.3, { trellis });
    expect(shareOf(free.levels)).toBeLessThan(0.5);
    expect(plan.quantize(0.3, { trellis, density: 0.9 })).toEqual(free);
  });

  test('costs less divergence than the same share of the largest, with the same feedback', () => {
    const { values, curvature } = sample(40, 70);
    const density = 0.3;
    const sizes = values.map(Math.abs).sort().reverse();
    const smallest = sizes[Math.round(density * sizes.length) - 1]!;
    const mask = Uint8Array.from(values, (value) => (Math.abs(value) >= smallest ? 1 : 0));
    const byMagnitude = feedbackPlan(values, curvature, { mask }).quantize(1e-5, { trellis });
    const made = feedbackPlan(values, curvature).quantize(1e-5, { trellis, density });
    expect(shareOf(made.levels)).toBeGreaterThan(shareOf(byMagnitude.levels) - 0.005);
    expect(made.divergence).toBeLessThan(0.7 * byMagnitude.divergence);
  });

  test('goes with a mask', () => {
    const { values, curvature } = sample(40, 70);
    const mask = Uint8Array.from(values, (_, i) => (i % 2 === 0 ? 0 : 1));
    const plan = feedbackPlan(values, curvature, { mask });
    const { levels } = plan.quantize(1e-5, { trellis, density: 0.2 });
    expect(levels.every((level, i) => level === 0 || mask[i] === 1)).toBe(true);
    expect(Math.abs(shareOf(levels) - 0.2)).toBeLessThan(0.005);
    expect(shareOf(plan.quantize(1e-5, { trellis, density: 0.8 }).levels)).toBeLessThan(0.51);
  });
});

test('WebAssembly makes as little divergence as JavaScript', () => {
  const { values, curvature } = sample(60, 100);
  for (const trellis of [false, true]) {
    const [fast, plain] = [true, false].map((wasm) =>
      feedbackPlan(values, curvature, { wasm }).quantize(1e-3, { trellis }),
    );
    // Levels may differ where numbers lie halfway: no better and no worse.
    expect(Math.abs(fast!.divergence / plain!.divergence - 1)).toBeLessThan(0.02);
    expect(Math.abs(fast!.bits / plain!.bits - 1)).toBeLessThan(0.01);
  }
});

test('without damping the matrix has to be definite itself', () => {
  const curvature = { matrix: Float32Array.of(1, 1, 1, 1), importance: Float32Array.of(1), groups: 1 };
  expect(() => feedbackPlan(Float32Array.of(1, 2), curvature, { damping: 0 })).toThrow(/positive definite/);
  const identity = { ...curvature, matrix: Float32Array.of(1, 0, 0, 1) };
  const { divergence } = feedbackPlan(Float32Array.of(0.25, 0), identity, { damping: 0 }).quantize(1e-9, { step: 1 });
  expect(divergence).toBe(0.03125); // ½ · ¼²
});

test('curvature of another kernel is refused', () => {
  const { values, curvature } = sample(4, 6);
  expect(() => feedbackPlan(values.subarray(4), curvature)).toThrow(
    'feedbackPlan: "curvature" expected a matrix for 1 × 5 columns of 4 rows, got 36 numbers',
  );
});

test('options outside their range are refused', () => {
  const { values, curvature } = sample(4, 6);
  expect(() => feedbackPlan(values, curvature, { damping: -1 })).toThrow(
    'feedbackPlan: "damping" expected a finite number ≥ 0, got -1',
  );
  expect(() => feedbackPlan(values, curvature, { mask: new Uint8Array(3) })).toThrow(
    'feedbackPlan: "mask" expected 24 numbers, got 3',
  );
  const plan = feedbackPlan(values, curvature);
  expect(() => plan.quantize(0)).toThrow('quantize: "lambda" expected a finite number > 0, got 0');
  expect(() => plan.quantize(1, { step: NaN })).toThrow('quantize: "step" expected a finite number > 0, got NaN');
  expect(() => plan.quantize(1, { density: 1.5 })).toThrow(
    'quantize: "density" expected a number from 0 to 1, got 1.5',
  );
});
