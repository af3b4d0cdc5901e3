import type { Random } from '@pare/core';
import { checkFinite, checkImportance, checkOneOf, checkWhole } from './_check.ts';
import { type Clustering, clusterAround, distinctValues, MAX_COUNT } from './clustering.ts';
import { type Init, startCentroids } from './init.ts';
import { lloyd } from './lloyd.ts';
import { sortFloats } from './sort.ts';

export interface KmeansOptions {
  /** Where clusters start; default `'linear'`. */
  readonly init?: Init;
  /** Most rounds of Lloyd's algorithm; default 1000. */
  readonly iterations?: number;
  /** Draws the start; needed by `init: 'random'` only. */
  readonly random?: Random;
  /** h_i ≥ 0: how much the error of each value counts; default 1 each. */
  readonly importance?: Float32Array;
}

/**
 * Groups numbers around `count` centroids so that Σ h_i·(w_i − c_k(i))² is locally least.
 *
 * Exact on the floats given: no bins. Among fewer than `count` different values each gets its own centroid. Clusters that
 * fall empty take half of another (see `lloyd`), so that normally all `count` are used.
 *
 * @param values - finite numbers
 * @param count - 1 … 65 536
 * @throws RangeError if a value or an option is outside its range
 * @throws TypeError if `init` is `'random'` and `random` is absent
 * @example
 * kmeans(Float32Array.of(0, 10, 1, 11), 2) // { codebook: Float32Array [0.5, 10.5], indices: Uint16Array [0, 1, 0, 1], error: 1, iterations: 1 }
 * @see Han, Mao, Dally 2016, section 3.1, eq. 2
 */
export function kmeans(values: Float32Array, count: number, options: KmeansOptions = {}): Clustering {
  const { init = 'linear', iterations = 1000, random, importance } = options;
  checkFinite('kmeans', 'values', values);
  checkWhole('kmeans', 'count', count, 1, MAX_COUNT);
  checkOneOf('kmeans', 'init', init, ['linear', 'density', 'random']);
  checkWhole('kmeans', 'iterations', iterations, 0, Number.MAX_SAFE_INTEGER);
  checkImportance('kmeans', importance, values.length);
  const { values: sorted, companions } = sortFloats(values, importance);
  const distinct = distinctValues(sorted, count);
  if (distinct) return clusterAround(values, distinct, 0, importance);
  const start = startCentroids(sorted, count, init, random);
  const { centroids, iterations: done } = lloyd(sorted, start, iterations, companions);
  return clusterAround(values, centroids, done, importance);
}
