import type { Random } from '@pare/core';

/** Where clusters start: evenly spaced values, evenly filled, or values drawn by chance. */
export type Init = 'linear' | 'density' | 'random';

/**
 * Places centroids by the named rule.
 *
 * @param sorted - ascending, at least `count`
 * @param random - needed by `'random'`
 * @returns ascending
 * @throws TypeError if `random` is needed and absent
 * @example
 * startCentroids(Float32Array.of(-1, 0.25, 1), 2, 'linear') // Float64Array [-1, 1]
 */
export function startCentroids(sorted: Float32Array, count: number, init: Init, random?: Random): Float64Array {
  if (count === 0) return new Float64Array(0);
  if (init === 'linear') return linearInit(sorted, count);
  if (init === 'density') return densityInit(sorted, count);
  if (random) return randomInit(sorted, count, random);
  throw new TypeError(`"random" expected a Random for init 'random', got undefined: pass seededRandom(seed)`);
}

/**
 * Spaces centroids evenly between the smallest and the largest value: c_k = min + k·(max − min)/(count − 1).
 *
 * The paper's choice: the few large weights, which matter most, get centroids of their own.
 *
 * @param sorted - ascending, at least one
 * @returns ascending; the middle of the range if `count` is 1
 * @example
 * linearInit(Float32Array.of(-1, 0.25, 1), 3) // Float64Array [-1, 0, 1]
 * @see Han, Mao, Dally 2016, section 3.2
 */
export function linearInit(sorted: Float32Array, count: number): Float64Array {
  const low = sorted[0]!;
  const high = sorted[sorted.length - 1]!;
  if (count === 1) return Float64Array.of((low + high) / 2);
  return Float64Array.from({ length: count }, (_, k) => low + (k * (high - low)) / (count - 1));
}

/**
 * Spaces centroids evenly from zero, which is not among them, to the smallest and to the largest value.
 *
 * Each side gets its share of the range, at least one. Where all values lie on one side, as `linearInit`.
 *
 * @param sorted - ascending, at least one
 * @returns ascending
 * @example
 * linearInitAroundZero(Float32Array.of(-1, 0.25, 3), 4) // Float64Array [-1, 1, 2, 3]
 */
export function linearInitAroundZero(sorted: Float32Array, count: number): Float64Array {
  const low = sorted[0]!;
  const high = sorted[sorted.length - 1]!;
  if (count === 1 || low >= 0 || high <= 0) return linearInit(sorted, count);
  const below = Math.min(count - 1, Math.max(1, Math.round((count * low) / (low - high))));
  const above = count - below;
  return Float64Array.from({ length: count }, (_, k) =>
    k < below ? ((below - k) * low) / below : ((k - below + 1) * high) / above,
  );
}

/**
 * Places centroids where the cumulative distribution of the values is (k + ½) / count: as many values around each.
 *
 * @param sorted - ascending, at least one
 * @returns ascending
 * @example
 * densityInit(Float32Array.of(1, 2, 3, 100), 2) // Float64Array [2, 100]
 * @see Han, Mao, Dally 2016, section 3.2
 */
export function densityInit(sorted: Float32Array, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, k) => sorted[Math.floor(((k + 0.5) * sorted.length) / count)]!);
}

/**
 * Draws centroids from the values, each at most once (Forgy).
 *
 * @param sorted - ascending, at least `count`
 * @returns ascending
 * @example
 * randomInit(Float32Array.of(1, 2, 3), 3, seededRandom(1)) // Float64Array [1, 2, 3]
 * @see Han, Mao, Dally 2016, section 3.2; Bentley and Floyd, A sample of brilliance, CACM 30(9), 1987
 */
export function randomInit(sorted: Float32Array, count: number, random: Random): Float64Array {
  // Floyd: after step `last`, `drawn` is a fair sample of the positions 0 … last, without having listed them.
  const drawn = new Set<number>();
  for (let last = sorted.length - count; last < sorted.length; last++) {
    const position = random.integer(last + 1);
    drawn.add(drawn.has(position) ? last : position);
  }
  return Float64Array.from(drawn, (position) => sorted[position]!).sort();
}
