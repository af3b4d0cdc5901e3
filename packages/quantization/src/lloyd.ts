import { type PrefixSums, prefixSums } from './_prefix-sums.ts';
import { countUpTo } from './_search.ts';

/**
 * Moves centroids to the means of the values nearest to them until nothing changes.
 *
 * On sorted data a cluster is a stretch, and its mean a difference of two prefix sums: one iteration costs a search per
 * centroid, not a pass over the data, and is as exact as one.
 *
 * A cluster that stands empty is given the half of another: the one whose splitting at its mean lowers the error most,
 * ties by index. Where no splitting helps the centroid is dropped.
 *
 * @param sorted - ascending, at least one
 * @param start - ascending, at least one
 * @param iterations - at most so many
 * @param importance - h_i ≥ 0, in the order of `sorted`; the error is Σ h_i·(w_i − c)²
 * @returns ascending centroids (fewer than in `start` if some were dropped) and the iterations that changed something
 * @example
 * lloyd(Float32Array.of(0, 1, 10, 12), Float64Array.of(0, 1), 10) // { centroids: Float64Array [0.5, 11], iterations: 2 }
 * @see Lloyd, Least squares quantization in PCM, IEEE Trans. Inf. Theory 28(2), 1982, method I
 */
export function lloyd(sorted: Float32Array, start: Float64Array, iterations: number, importance?: Float32Array): Lloyd {
  const sums = prefixSums(sorted, importance);
  let centroids = start.slice();
  let ends = new Uint32Array(start.length); // cluster k is the stretch ends[k − 1] … ends[k] − 1
  for (let iteration = 0; iteration < iterations; iteration++) {
    const moved = moveEnds(sorted, centroids, ends);
    if (hasEmpty(ends)) {
      ({ centroids, ends } = splitForEmpty(sorted, centroids, ends, sums));
    } else if (!moved && iteration > 0) {
      return { centroids, iterations: iteration };
    }
    moveCentroids(centroids, ends, sums);
  }
  return { centroids, iterations };
}

export interface Lloyd {
  readonly centroids: Float64Array;
  readonly iterations: number;
}

/** Ends each cluster at the middle between its centroid and the next. */
function moveEnds(sorted: Float32Array, centroids: Float64Array, ends: Uint32Array): boolean {
  const last = centroids.length - 1;
  let moved = false;
  let start = 0;
  for (let k = 0; k <= last; k++) {
    const bound = k === last ? Infinity : (centroids[k]! + centroids[k + 1]!) / 2;
    const end = countUpTo(sorted, bound, Math.max(start, ends[k]!));
    if (end !== ends[k]) moved = true;
    ends[k] = end;
    start = end;
  }
  return moved;
}

function hasEmpty(ends: Uint32Array): boolean {
  let start = 0;
  for (const end of ends) {
    if (end === start) return true;
    start = end;
  }
  return false;
}

/** Sets each centroid to the mean of its cluster; one whose values have no importance stays. */
function moveCentroids(centroids: Float64Array, ends: Uint32Array, sums: PrefixSums): void {
  let weight = 0;
  let moment = 0;
  for (let k = 0; k < ends.length; k++) {
    const nextWeight = sums.weight(ends[k]!);
    const nextMoment = sums.moment(ends[k]!);
    if (nextWeight > weight) centroids[k] = (nextMoment - moment) / (nextWeight - weight);
    weight = nextWeight;
    moment = nextMoment;
  }
}

/** Leaves out empty clusters and splits as many others at their means. */
function splitForEmpty(
  sorted: Float32Array,
  centroids: Float64Array,
  ends: Uint32Array,
  sums: PrefixSums,
): { centroids: Float64Array<ArrayBuffer>; ends: Uint32Array<ArrayBuffer> } {
  const clusters: { centroid: number; end: number; middle: number; gain: number }[] = [];
  let start = 0;
  for (let k = 0; k < ends.length; k++) {
    const end = ends[k]!;
    if (end > start) clusters.push({ centroid: centroids[k]!, end, ...bestHalf(sorted, start, end, sums) });
    start = end;
  }
  const chosen = new Set(
    clusters
      .filter(({ gain }) => gain > 0)
      .sort((a, b) => b.gain - a.gain || a.end - b.end)
      .slice(0, ends.length - clusters.length),
  );
  const parts = clusters.flatMap((cluster) =>
    chosen.has(cluster) ? [{ ...cluster, end: cluster.middle }, cluster] : [cluster],
  );
  return {
    centroids: Float64Array.from(parts, ({ centroid }) => centroid),
    ends: Uint32Array.from(parts, ({ end }) => end),
  };
}

/** Where the mean parts a stretch, and by how much the error falls there: M₁²/W₁ + M₂²/W₂ − M²/W. */
function bestHalf(
  sorted: Float32Array,
  start: number,
  end: number,
  sums: PrefixSums,
): { middle: number; gain: number } {
  const weight = sums.weight(end) - sums.weight(start);
  const mean = (sums.moment(end) - sums.moment(start)) / weight;
  const middle = countUpTo(sorted, mean, (start + end) >>> 1);
  if (!(weight > 0) || middle <= start || middle >= end) return { middle: end, gain: 0 };
  // With deviations d from the mean, M = Σ h·d is 0 and M₂ = −M₁: the gain is M₁²·(1/W₁ + 1/W₂).
  const below = sums.weight(middle) - sums.weight(start);
  const above = weight - below;
  const deviation = sums.moment(middle) - sums.moment(start) - below * mean;
  return { middle, gain: below > 0 && above > 0 ? deviation * deviation * (1 / below + 1 / above) : 0 };
}
