import { checkFinite, checkImportance, checkWhole } from './_check.ts';
import { type Clustering, clusterAround, distinctValues, MAX_COUNT } from './clustering.ts';
import { sortFloats } from './sort.ts';

export interface OptimalOptions {
  /** h_i ≥ 0: how much the error of each value counts; default 1 each. */
  readonly importance?: Float32Array;
}

/**
 * Groups numbers around `count` centroids so that Σ h_i·(w_i − c_k(i))² is the least possible.
 *
 * In one dimension clusters are stretches of the sorted values, so dynamic programming finds the best ends:
 *
 *     D_1(j) = cost(0, j)      D_k(j) = min_i D_{k−1}(i) + cost(i, j)
 *
 * The best i never moves left as j moves right (cost is Monge), so a row takes n·log n steps by divide and conquer. Where
 * the clusters lie is found without a table of all rows: each row carries along the place where the first half of the clusters
 * ends, then both halves are solved alike. Time 2·K·n·log₂ n, memory 60 B a value; slow from a million values on.
 *
 * @param values - finite numbers
 * @param count - 1 … 65 536
 * @returns as `kmeans`, with `iterations` 0
 * @throws RangeError if a value or an option is outside its range
 * @example
 * optimalKmeans(Float32Array.of(0, 1, 9, 10, 50), 3).codebook // Float32Array [0.5, 9.5, 50]
 * @see Grønlund et al., Fast exact k-means, k-medians and Bregman divergence clustering in 1D, arXiv:1701.07204, section 2
 * @see Hirschberg, A linear space algorithm for computing maximal common subsequences, CACM 18(6), 1975
 */
export function optimalKmeans(values: Float32Array, count: number, options: OptimalOptions = {}): Clustering {
  const { importance } = options;
  checkFinite('optimalKmeans', 'values', values);
  checkWhole('optimalKmeans', 'count', count, 1, MAX_COUNT);
  checkImportance('optimalKmeans', importance, values.length);
  const { values: sorted, companions } = sortFloats(values, importance);
  const distinct = distinctValues(sorted, count);
  if (distinct) return clusterAround(values, distinct, 0, importance);
  return clusterAround(values, optimalCentroids(sorted, count, companions), 0, importance);
}

function optimalCentroids(sorted: Float32Array, count: number, importance: Float32Array | undefined): Float64Array {
  const n = sorted.length;
  const middle = (sorted[0]! + sorted[n - 1]!) / 2; // taken off, so that sums of squares do not drown the differences
  const weights = new Float64Array(n + 1);
  const moments = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) {
    const weight = importance ? importance[i]! : 1;
    const value = sorted[i]! - middle;
    weights[i + 1] = weights[i]! + weight;
    moments[i + 1] = moments[i]! + weight * value;
    squares[i + 1] = squares[i]! + weight * value * value;
  }
  /** Σ h·(w − mean)² = Σ h·w² − (Σ h·w)² / Σ h over the stretch i … j − 1. */
  const cost = (i: number, j: number): number => {
    const weight = weights[j]! - weights[i]!;
    const moment = moments[j]! - moments[i]!;
    return weight > 0 ? squares[j]! - squares[i]! - (moment * moment) / weight : 0;
  };

  let row = new Float64Array(n + 1); // D_{k − 1}
  let nextRow = new Float64Array(n + 1); // D_k
  let half = new Uint32Array(n + 1); // where the first half of the clusters ends in the best solution behind row[j]
  let nextHalf = new Uint32Array(n + 1);
  const ends: number[] = [];

  /** Splits the stretch from … to − 1 into k clusters, appending their ends. */
  const solve = (from: number, to: number, k: number): void => {
    if (k === 1) {
      ends.push(to);
      return;
    }
    const firstHalf = k >>> 1;
    for (let j = from + 1; j <= to; j++) row[j] = cost(from, j);
    for (let clusters = 2; clusters <= k; clusters++) {
      const firstEnd = clusters === k ? to : from + clusters; // of the last row, only its end is asked for
      fillRow(firstEnd, to, from + clusters - 1, to - 1, clusters - firstHalf);
      [row, nextRow] = [nextRow, row];
      [half, nextHalf] = [nextHalf, half];
    }
    const split = half[to]!;
    solve(from, split, firstHalf);
    solve(split, to, k - firstHalf);
  };

  /** Fills D_k(j) for firstEnd ≤ j ≤ lastEnd, whose best starts i lie in lowStart … highStart. */
  const fillRow = (firstEnd: number, lastEnd: number, lowStart: number, highStart: number, past: number): void => {
    if (firstEnd > lastEnd) return;
    const j = (firstEnd + lastEnd) >>> 1;
    let best = Infinity;
    let bestStart = lowStart;
    for (let i = lowStart; i <= highStart && i < j; i++) {
      const total = row[i]! + cost(i, j);
      if (total < best) {
        best = total;
        bestStart = i;
      }
    }
    nextRow[j] = best;
    nextHalf[j] = past === 1 ? bestStart : past > 1 ? half[bestStart]! : 0; // past: clusters beyond the first half
    fillRow(firstEnd, j - 1, lowStart, bestStart, past);
    fillRow(j + 1, lastEnd, bestStart, highStart, past);
  };

  solve(0, n, count);
  return Float64Array.from(ends, (end, k) => {
    const start = ends[k - 1] ?? 0;
    const weight = weights[end]! - weights[start]!;
    return weight > 0 ? middle + (moments[end]! - moments[start]!) / weight : sorted[start]!;
  });
}
