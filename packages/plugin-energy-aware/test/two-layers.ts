import { seededRandom } from '@pare/core';
import { type PruneRowsOptions, pruneRows } from '../src/prune-rows.ts';

// A network of 256–96–24 with a ReLU between, pruned layer by layer on 2,000 examples, judged on 2,000 others.
const [INPUTS, HIDDEN, OUTPUTS, EXAMPLES] = [256, 96, 24, 2000];

/** Methods beside each other: relative squared errors of the whole network on held-back examples. */
export function errorsOf(
  correlation: number,
  keep: number,
  methods: Readonly<Record<string, PruneRowsOptions>>,
  seed: number,
): Record<string, number> {
  const random = seededRandom(seed).fork(`${correlation}`);
  const normals = (count: number, deviation: number) =>
    Float32Array.from({ length: count }, () => deviation * random.normal());
  const first = normals(HIDDEN * INPUTS, Math.sqrt(2 / INPUTS));
  const second = normals(OUTPUTS * HIDDEN, Math.sqrt(1 / HIDDEN));
  const [seen, held] = [draw(), draw()];
  const hidden = rectified(product(seen, first, INPUTS, HIDDEN));
  const wanted = product(rectified(product(held, first, INPUTS, HIDDEN)), second, HIDDEN, OUTPUTS);
  const inputs = moments(seen, seen, INPUTS);
  return Object.fromEntries(
    Object.entries(methods).map(([name, options]) => {
      const one = pruneRows(first, HIDDEN, { inputs }, keep, { perFilter: 'evenly', ...options }).values;
      const now = rectified(product(seen, one, INPUTS, HIDDEN));
      const given = { inputs: moments(now, now, HIDDEN), cross: moments(hidden, now, HIDDEN) };
      const two = pruneRows(second, OUTPUTS, given, keep, { perFilter: 'evenly', ...options }).values;
      const got = product(rectified(product(held, one, INPUTS, HIDDEN)), two, HIDDEN, OUTPUTS);
      return [name, squares(got.map((value, i) => value - wanted[i]!)) / squares(wanted)];
    }),
  );

  /** Inputs as a ReLU leaves them, neighbours correlated: x_i = max(0, z_i), z_i = ρ z_{i−1} + √(1 − ρ²) ε. */
  function draw(): Float32Array {
    const x = new Float32Array(EXAMPLES * INPUTS);
    for (let k = 0; k < EXAMPLES; k++) {
      let before = random.normal();
      for (let i = 0; i < INPUTS; i++) {
        x[k * INPUTS + i] = Math.max(0, before);
        before = correlation * before + Math.sqrt(1 - correlation ** 2) * random.normal();
      }
    }
    return x;
  }
}

// x [K, n], weights [m, n] → [K, m]
function product(x: Float32Array, weights: Float32Array, n: number, m: number): Float32Array {
  const y = new Float32Array((x.length / n) * m);
  for (let k = 0; k < x.length / n; k++) {
    for (let row = 0; row < m; row++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += x[k * n + i]! * weights[row * n + i]!;
      y[k * m + row] = sum;
    }
  }
  return y;
}

const rectified = (x: Float32Array): Float32Array => x.map((value) => Math.max(0, value));
const squares = (x: Float32Array): number => x.reduce((sum, value) => sum + value * value, 0);

// E[a bᵀ]
function moments(a: Float32Array, b: Float32Array, n: number): Float32Array {
  const sums = new Float64Array(n * n);
  for (let k = 0; k < a.length; k += n) {
    for (let i = 0; i < n; i++) {
      const value = a[k + i]!;
      if (value === 0) continue;
      for (let j = 0; j < n; j++) sums[i * n + j]! += value * b[k + j]!;
    }
  }
  return Float32Array.from(sums, (sum) => sum / EXAMPLES);
}

export const METHODS: Readonly<Record<string, PruneRowsOptions>> = {
  magnitude: { selection: 'magnitude', refit: false },
  'magnitude and refit': { selection: 'magnitude' },
  'restore alone': { refit: false },
  'restore and refit': {},
};
