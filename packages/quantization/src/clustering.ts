import { assign, midpoints } from './assign.ts';

/** Values in groups: `codebook[indices[i]]` stands for value i. */
export interface Clustering {
  /** Ascending, each entry used and unlike the others; empty only if there are no values. */
  readonly codebook: Float32Array;
  /** One per value. */
  readonly indices: Uint16Array;
  /** Σ h_i·(w_i − codebook[indices_i])², h_i the importance, 1 if not given. */
  readonly error: number;
  /** Rounds it took; 0 if no search was needed. */
  readonly iterations: number;
}

/** Largest codebook an index of 16 bits can address. */
export const MAX_COUNT = 65536;

/**
 * Sends each value to the nearest centroid, rounded to float, and leaves out centroids that get none.
 *
 * @param centroids - ascending; at least one unless there are no values
 * @param importance - h_i, in the order of `values`
 * @example
 * clusterAround(Float32Array.of(3, 0, 1), Float64Array.of(0.5, 3, 9)).codebook // Float32Array [0.5, 3]
 */
export function clusterAround(
  values: Float32Array,
  centroids: Float64Array | Float32Array,
  iterations: number,
  importance?: Float32Array,
): Clustering {
  const codebook = Float32Array.from(new Set(Float32Array.from(centroids, (c) => c + 0))); // + 0 makes −0 and 0 one
  const indices = assign(values, midpoints(codebook));
  const used = new Uint8Array(codebook.length);
  let error = 0;
  for (let i = 0; i < indices.length; i++) {
    const k = indices[i]!;
    used[k] = 1;
    const difference = values[i]! - codebook[k]!;
    error += (importance ? importance[i]! : 1) * difference * difference;
  }
  // What is nearest stays nearest when unused entries go, so this ends after one more round.
  if (used.includes(0))
    return clusterAround(
      values,
      codebook.filter((_, k) => used[k]),
      iterations,
      importance,
    );
  return { codebook, indices, error, iterations };
}

/**
 * Lists the different values of sorted ones, if they are at most `limit`: a codebook of these makes no error.
 *
 * @example
 * distinctValues(Float32Array.of(1, 1, 2), 2) // Float32Array [1, 2]
 */
export function distinctValues(sorted: Float32Array, limit: number): Float32Array | undefined {
  const distinct: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    if (i > 0 && sorted[i] === sorted[i - 1]) continue;
    if (distinct.length === limit) return undefined;
    distinct.push(sorted[i]!);
  }
  return Float32Array.from(distinct);
}
