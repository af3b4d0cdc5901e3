import { compensate, type InputMoments } from './compensate.ts';
import { invert } from './invert.ts';
import type { PrunedRows } from './prune-rows.ts';
import { magnitudePath, type RemovalPath, removalPath } from './removal-path.ts';

/** How harm is measured: a change Δw of row k makes ½ · importance_k · Δwᵀ M Δw nats. */
export interface KernelCurvature {
  /** M, `[groups, n, n]` */
  readonly matrix: Float32Array;
  /** `[rows]` */
  readonly importance: Float32Array;
}

export interface KernelPlanOptions {
  /**
   * What goes first: what does least harm once the rest has made up for it, or the smallest of the layer; default `'surgeon'`.
   */
  readonly selection?: 'surgeon' | 'magnitude';
  /** Whether what is kept makes up for what has gone; default true. Has to be for `'surgeon'`. */
  readonly compensate?: boolean;
  /** Share of the mean diagonal of M that is added to it: inputs that were never seen may come; default 0.01, 0 without compensation. */
  readonly damping?: number;
}

/** A kernel made ready to be pruned to any density. */
export interface KernelPlan {
  /** Expected divergence of the answers in nats, if such a share of the weights is kept. */
  harm(keep: number): number;
  /** The kernel with that share. */
  prune(keep: number): PrunedRows;
}

/**
 * Finds the order in which the weights of a kernel can best go, once for all densities. Of each filter it is known from its path; filters
 * then lose weights in turn: that goes next, of all filters, which does least harm.
 *
 * @param weights - `[rows, n]`, output-major; zeros stay zero
 * @throws RangeError if the curvature is not that of such a kernel
 * @example
 * const curvature = { matrix: Float32Array.of(1, 0, 0, 1), importance: Float32Array.of(1, 10) };
 * kernelPlan(Float32Array.of(3, 2, 1, 3), 2, curvature).prune(0.5).mask // Uint8Array [0, 0, 1, 1]
 */
export function kernelPlan(
  weights: Float32Array,
  rows: number,
  { matrix, importance }: KernelCurvature,
  options: KernelPlanOptions = {},
): KernelPlan {
  const { selection = 'surgeon', compensate: compensates = true } = options;
  const { damping = compensates ? 0.01 : 0 } = options;
  const n = rows === 0 ? 0 : weights.length / rows;
  const groups = matrix.length / (n * n);
  if (!Number.isInteger(n) || !(Number.isInteger(groups) && rows % groups === 0) || importance.length !== rows) {
    throw new RangeError(
      `kernelPlan: "curvature" expected groups of [${n}, ${n}] that divide ${rows} rows, got ${matrix.length} numbers for ${importance.length} rows`,
    );
  }
  if (selection === 'surgeon' && !compensates) {
    throw new RangeError('kernelPlan: "compensate" expected to be true for "surgeon", whose choice rests on it');
  }
  const moments = Array.from({ length: groups }, (_, group) =>
    damped(matrix.subarray(group * n * n, (group + 1) * n * n), n, damping, compensates),
  );
  const filterOf = (row: number): Float32Array => weights.subarray(row * n, (row + 1) * n);
  const momentsOf = (row: number): InputMoments => moments[Math.floor(row / (rows / groups))]!;
  const paths = Array.from({ length: rows }, (_, row) =>
    compensates
      ? removalPath(momentsOf(row).inverse as Float64Array, filterOf(row), selection === 'magnitude')
      : magnitudePath(momentsOf(row).matrix, filterOf(row)),
  );
  const { rowOf, harm } = inTurn(paths, importance, (row, index) =>
    selection === 'magnitude' ? Math.abs(weights[row * n + index]!) : undefined,
  );
  const goneAt = (keep: number): number => {
    if (!(keep >= 0 && keep <= 1)) throw new RangeError(`kernelPlan: "keep" expected 0 … 1, got ${keep}`);
    return Math.max(0, rowOf.length - Math.round(keep * weights.length));
  };
  return {
    harm: (keep) => harm[goneAt(keep)]!,
    prune(keep) {
      const mask = Uint8Array.from(weights, (weight) => (weight === 0 ? 0 : 1));
      const done = new Uint32Array(rows);
      for (const row of rowOf.subarray(0, goneAt(keep))) mask[row * n + paths[row]!.order[done[row]!++]!] = 0;
      const values = new Float32Array(weights.length);
      for (let row = 0; row < rows; row++) {
        const kept = mask.subarray(row * n, (row + 1) * n);
        values.set(
          compensates
            ? compensate(momentsOf(row), filterOf(row), kept)
            : filterOf(row).map((weight, i) => (kept[i] === 1 ? weight : 0)),
          row * n,
        );
      }
      return { values, mask };
    },
  };
}

/** M with its damping, and the inverse of that where it is needed. */
function damped(matrix: Float32Array, n: number, damping: number, inverts: boolean): InputMoments {
  const a = Float64Array.from(matrix);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += a[i * n + i]!;
  // Inputs that are all dead: weights on them may go as they like.
  for (let i = 0; i < n; i++) a[i * n + i]! += (damping * (trace || 1)) / n;
  return { matrix: a, inverse: inverts ? invert(a, n) : a };
}

/**
 * Merges the paths of filters: which row loses a weight next, and what harm has then been done. A weight waits until those before it in
 * its own path have gone, even where it does less harm than they.
 *
 * @param rankOf - what the order goes by, rising along each path; undefined: by the harm
 */
function inTurn(
  paths: readonly RemovalPath[],
  importance: Float32Array,
  rankOf: (row: number, index: number) => number | undefined,
): { readonly rowOf: Uint32Array; readonly harm: Float64Array } {
  const steps = paths.flatMap(({ order, missed }, row) => {
    let highest = 0;
    return Array.from(order, (index, at) => {
      const harm = 0.5 * importance[row]! * (missed[at + 1]! - missed[at]!);
      highest = Math.max(highest, harm);
      return { row, harm, rank: rankOf(row, index) ?? highest };
    });
  });
  steps.sort((a, b) => a.rank - b.rank || a.row - b.row); // stable: a path stays in order
  const harm = new Float64Array(steps.length + 1);
  for (const [at, step] of steps.entries()) harm[at + 1] = harm[at]! + step.harm;
  return { rowOf: Uint32Array.from(steps, ({ row }) => row), harm };
}
