import { magnitudeMask } from '@pare/pruning';
import { keepJointly } from './keep-jointly.ts';
import { refit } from './refit.ts';

/** What examples tell about a layer. */
export interface LayerMoments {
  /** E[x xᵀ] of the inputs that its filters get now, `[groups, n, n]`. */
  readonly inputs: Float32Array;
  /** E[x_r xᵀ] with the inputs x_r of the network whose outputs are wanted: row of x_r, column of x; absent where they are the same. */
  readonly cross?: Float32Array;
}

export interface PruneRowsOptions {
  /**
   * Weights chosen by what the output misses, or by magnitude alone; default `'jointly'`. What is chosen jointly and then refitted is
   * never worse than magnitude refitted: a filter where it would be takes the latter's choice.
   */
  readonly selection?: 'jointly' | 'magnitude';
  /** Whether the kept weights are fitted to the wanted output; default true. */
  readonly refit?: boolean;
  /** Whether every filter keeps the same share, or each as many as the layer's largest weights are in it; default `'by-magnitude'`. */
  readonly perFilter?: 'evenly' | 'by-magnitude';
  /** See `RefitOptions`; default 0.001. */
  readonly ridge?: number;
}

/** A layer's kernel, pruned. */
export interface PrunedRows {
  /** `[rows, n]` */
  readonly values: Float32Array;
  /** `[rows, n]`, 1 = kept. */
  readonly mask: Uint8Array;
}

/**
 * Prunes a layer's kernel locally: chooses what stays in each filter and fits it, so that the outputs come near to those of the
 * weights that were given, on the inputs of the reference.
 *
 * @param weights - `[rows, n]`, output-major; zeros stay zero
 * @param rows - filters, a multiple of the groups that the moments have
 * @param keep - share of all weights to keep, 0 … 1
 * @throws RangeError if lengths do not fit each other or `keep` is no share
 */
export function pruneRows(
  weights: Float32Array,
  rows: number,
  { inputs, cross }: LayerMoments,
  keep: number,
  options: PruneRowsOptions = {},
): PrunedRows {
  const { selection = 'jointly', refit: refits = true, perFilter = 'by-magnitude', ridge = 1e-3 } = options;
  const { n, groups } = groupsOf('pruneRows', inputs, weights, rows);
  if (cross && cross.length !== inputs.length) {
    throw new RangeError(`pruneRows: "cross" expected ${inputs.length} numbers as "inputs", got ${cross.length}`);
  }
  if (!(keep >= 0 && keep <= 1)) throw new RangeError(`pruneRows: "keep" expected 0 … 1, got ${keep}`);
  const largest = magnitudeMask(weights, { keep });
  const values = new Float32Array(weights.length);
  const mask = new Uint8Array(weights.length);
  for (let row = 0; row < rows; row++) {
    const at = row * n;
    const filter = weights.subarray(at, at + n);
    const group = Math.floor(row / (rows / groups)) * n * n;
    const moments = inputs.subarray(group, group + n * n);
    const count = perFilter === 'evenly' ? Math.round(keep * n) : sum(largest.subarray(at, at + n));
    const byMagnitude = keepJointly(moments, filter, count, { byMagnitude: 1 });
    const chosen = selection === 'magnitude' ? byMagnitude : keepJointly(moments, filter, count);
    if (refits) {
      const target = outputMoments(cross?.subarray(group, group + n * n) ?? moments, filter);
      const masks = isSame(chosen, byMagnitude) ? [chosen] : [chosen, byMagnitude];
      const fits = masks.map((kept) => ({ kept, fitted: refit(moments, target, kept, filter, { ridge }) }));
      const best = leastMissed(moments, target, fits);
      mask.set(best.kept, at);
      values.set(best.fitted, at);
    } else {
      mask.set(chosen, at);
      for (let i = 0; i < n; i++) values[at + i] = chosen[i] === 1 ? filter[i]! : 0;
    }
  }
  return { values, mask };
}

/** How many inputs a filter has, and how many groups of filters have inputs of their own. */
function groupsOf(
  caller: string,
  moments: Float32Array,
  weights: Float32Array,
  rows: number,
): { readonly n: number; readonly groups: number } {
  const n = weights.length / rows;
  const groups = moments.length / (n * n);
  if (!Number.isInteger(n) || !(Number.isInteger(groups) && rows % groups === 0)) {
    throw new RangeError(
      `${caller}: "moments" expected groups of [${n}, ${n}] that divide ${rows} filters, got ${moments.length} numbers`,
    );
  }
  return { n, groups };
}

interface Fit {
  /** `[n]`, 1 = kept. */
  readonly kept: Uint8Array;
  /** `[n]` */
  readonly fitted: Float32Array;
}

/** The fit whose output misses least of the wanted one: E[(y − vᵀx)²] = E[y²] − 2 bᵀv + vᵀG v. */
function leastMissed(moments: Float32Array, target: Float64Array, fits: readonly Fit[]): Fit {
  if (fits.length === 1) return fits[0]!;
  const missed = fits.map(({ fitted }) => {
    const given = outputMoments(moments, fitted); // G v
    return fitted.reduce((sum, v, i) => sum + v * (given[i]! - 2 * target[i]!), 0);
  });
  return fits[missed.indexOf(Math.min(...missed))]!;
}

/**
 * Correlates inputs with a wanted output: b = E[x y], y = wᵀ x_r, so b = crossᵀ w.
 *
 * @param cross - E[x_r xᵀ], `[n, n]`
 */
export function outputMoments(cross: ArrayLike<number>, weights: ArrayLike<number>): Float64Array {
  const n = weights.length;
  const b = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    for (let j = 0; j < n; j++) b[j]! += weight * cross[i * n + j]!;
  }
  return b;
}

/**
 * Tells what pruned filters miss of the outputs they had on the same inputs: Σ (w − v)ᵀ G (w − v) ÷ Σ wᵀ G w.
 *
 * @param moments - `[groups, n, n]`
 * @throws RangeError if lengths do not fit each other
 * @example
 * outputError(Float32Array.of(1, 0, 0, 1), Float32Array.of(2, 1), Float32Array.of(2, 0), 1) // 0.2
 */
export function outputError(moments: Float32Array, weights: Float32Array, pruned: Float32Array, rows: number): number {
  const { n, groups } = groupsOf('outputError', moments, weights, rows);
  if (pruned.length !== weights.length) {
    throw new RangeError(`outputError: "pruned" expected ${weights.length} numbers, got ${pruned.length}`);
  }
  let [missed, all] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const group = Math.floor(row / (rows / groups)) * n * n;
    const square = (of: (i: number) => number): number => {
      let total = 0;
      for (let i = 0; i < n; i++) {
        const a = of(i);
        if (a === 0) continue;
        let product = 0;
        for (let j = 0; j < n; j++) product += moments[group + i * n + j]! * of(j);
        total += a * product;
      }
      return total;
    };
    const at = row * n;
    missed += square((i) => weights[at + i]! - pruned[at + i]!);
    all += square((i) => weights[at + i]!);
  }
  return all === 0 ? 0 : missed / all;
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.every((bit, i) => bit === b[i]);

const sum = (bits: Uint8Array): number => bits.reduce((total, bit) => total + bit, 0);
