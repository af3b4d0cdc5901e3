import { type ColumnQuantizer, latticeColumn, trellisColumn } from './column-quantizer.ts';
import type { Curvature } from './curvature.ts';
import { inverseFactorInPlace } from './inverse-factor.ts';
import type { Levels } from './quantize.ts';
import { SizeCounts } from './rates.ts';
import { shortStep } from './short-step.ts';

export interface FeedbackOptions {
  /** Share of the mean diagonal that is added to the diagonal: inputs that were never seen may come; default 0.01. */
  readonly damping?: number;
  /** `[K·D]`: 0 where a weight is pruned and stays so. */
  readonly mask?: Uint8Array;
}

/** A kernel made ready for quantisation with error feedback. */
export interface FeedbackPlan {
  readonly rows: number;
  readonly columns: number;
  /** Σ_k importance_k · mean of 1 / U_jj², geometric over columns: what the square of a step costs a weight, in nats, twice. */
  readonly sensitivity: number;
  /**
   * Quantises the kernel at a price.
   *
   * @param lambda - nats that a bit is worth, > 0
   */
  quantize(lambda: number, options?: FeedbackQuantizeOptions): FeedbackLevels;
}

export interface FeedbackQuantizeOptions {
  /** Whether levels follow a trellis down the columns; default false. */
  readonly trellis?: boolean;
  /** Distance of levels; default the one that suits the price. */
  readonly step?: number;
}

export interface FeedbackLevels extends Levels {
  /** ½ Σ_k importance_k Δw_kᵀ M Δw_k, damped: expected divergence of the answers, in nats. */
  readonly divergence: number;
}

/*
 * At high rates a lattice of step Δ makes ½ s Δ²/12 nats of a weight of sensitivity s, and a quarter of it with one bit more:
 * −dD/dR = 2 ln 2 · D = λ  ⇔  Δ² = 12 λ / (s ln 2). What rates add near zero leaves the best step where it is, measured between
 * 0.8 and 1.25 of it. A trellis has its points on half the step, and does best at a little more than that half.
 */
const TRELLIS_SHARE = 0.6;

/**
 * Prepares a kernel for quantisation column by column, each column's error being fed into the columns still to come.
 *
 * With A = M + damping and A⁻¹ = Uᵀ U, the divergence that is left when the columns before j are fixed and those behind it are free
 * grows by ½ Σ_k importance_k ((w_kj − ŵ_kj) / U_jj)², and the best the others can do is
 *
 *     w_k,i  ←  w_k,i − (w_kj − ŵ_kj) · U_ji / U_jj,   i > j
 *
 * Columns go by decreasing M_jj: what matters most is rounded while there is most left to make up for it.
 *
 * @param values - `[K, D]`, or `[groups · K / groups, D]`
 * @throws RangeError if the curvature is not that of such a kernel
 * @example
 * const curvature = { matrix: Float32Array.of(1, 0.9, 0.9, 1), importance: Float32Array.of(1), groups: 1 };
 * [...feedbackPlan(Float32Array.of(0.4, 0.4), curvature).quantize(1e-9, { step: 1 }).levels] // [0, 1]
 * @see Hassibi, Stork 1993, Second order derivatives for network pruning; Frantar, Alistarh 2022, Optimal Brain Compression; Frantar
 *   et al. 2023, GPTQ
 */
export function feedbackPlan(values: Float32Array, curvature: Curvature, options: FeedbackOptions = {}): FeedbackPlan {
  const { damping = 0.01, mask } = options;
  const { groups, importance } = curvature;
  const rows = importance.length;
  const columns = rows > 0 ? values.length / rows : 0;
  if (columns * columns * groups !== curvature.matrix.length) {
    throw new RangeError(
      `feedbackPlan: "curvature" expected a matrix for ${groups} × ${columns} columns of ${rows} rows, got ${curvature.matrix.length} numbers`,
    );
  }
  const parts = Array.from({ length: groups }, (_, group) =>
    groupPlan(values, curvature, { group, rows: rows / groups, columns, damping, mask }),
  );
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  const sensitivity = parts.reduce((sum, part) => sum + part.sensitivity, 0) / (groups || 1);
  return {
    rows,
    columns,
    sensitivity,
    quantize(lambda, { trellis = false, step: wanted } = {}) {
      const usual = Math.sqrt((12 * lambda) / (Math.LN2 * (sensitivity || 1))) * (trellis ? TRELLIS_SHARE : 1);
      const step = shortStep(wanted ?? Math.min(usual, largest || 1), largest);
      const levels = new Int32Array(values.length);
      let counts = new SizeCounts();
      let divergence = 0;
      // What symbols cost follows from how often they occur, how often they occur from the rounding.
      for (let pass = 0; pass < PASSES; pass++) {
        const rates = pass === 0 ? undefined : counts.rates();
        const quantizer = trellis ? trellisColumn(rates, rows / groups) : latticeColumn(rates);
        counts = new SizeCounts();
        const states = new Uint8Array(columns); // of a trellis: it runs down a column through all groups
        divergence = parts.reduce((sum, part) => sum + part.round(step, lambda, quantizer, levels, counts, states), 0);
      }
      let error = 0;
      for (let i = 0; i < levels.length; i++) error += (values[i]! - step * levels[i]!) ** 2;
      return { levels, step, trellis, error, bits: counts.bits, divergence };
    },
  };
}

/** More passes change little. */
const PASSES = 3;

/** Columns whose errors are fed back to the others together: the rows of so many columns stay in a cache. */
const BLOCK = 32;

interface Part {
  readonly group: number;
  readonly rows: number;
  readonly columns: number;
  readonly damping: number;
  readonly mask: Uint8Array | undefined;
}

function groupPlan(values: Float32Array, curvature: Curvature, { group, rows, columns, damping, mask }: Part) {
  const matrix = curvature.matrix.subarray(group * columns * columns, (group + 1) * columns * columns);
  const importance = curvature.importance.subarray(group * rows, (group + 1) * rows);
  const first = group * rows * columns;
  const diagonal = Float64Array.from({ length: columns }, (_, j) => matrix[j * columns + j]!);
  const mean = diagonal.reduce((sum, value) => sum + value, 0) / (columns || 1);
  const damp = mean > 0 ? damping * mean : 1; // inputs that are always zero: any matrix will do
  const order = Int32Array.from({ length: columns }, (_, j) => j).sort((a, b) => diagonal[b]! - diagonal[a]! || a - b);
  const factor = new Float32Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    const from = order[i]! * columns;
    for (let j = i; j < columns; j++) factor[i * columns + j] = matrix[from + order[j]!]!;
    factor[i * columns + i]! += damp;
  }
  inverseFactorInPlace(factor, columns);
  // A column behind the other: w [D, K]
  const kept = mask && new Uint8Array(rows * columns);
  const turned = new Float32Array(rows * columns);
  for (let i = 0; i < columns; i++) {
    for (let k = 0; k < rows; k++) {
      const from = first + k * columns + order[i]!;
      turned[i * rows + k] = values[from]!;
      if (kept) kept[i * rows + k] = mask[from]!;
    }
  }
  let logs = 0;
  for (let i = 0; i < columns; i++) logs -= 2 * Math.log(factor[i * columns + i]!);
  const meanImportance = importance.reduce((sum, each) => sum + each, 0) / (rows || 1);

  const w = new Float32Array(turned.length);
  const errors = new Float32Array(BLOCK * rows);
  const scaled = new Float32Array(rows);
  const worth = new Float32Array(rows);
  const column = new Int32Array(rows);
  return {
    sensitivity: columns > 0 ? meanImportance * Math.exp(logs / columns) : 0,
    round(
      step: number,
      lambda: number,
      quantizer: ColumnQuantizer,
      levels: Int32Array,
      counts: SizeCounts,
      states: Uint8Array,
    ): number {
      w.set(turned);
      let divergence = 0;
      for (let block = 0; block < columns; block += BLOCK) {
        const end = Math.min(columns, block + BLOCK);
        for (let i = block; i < end; i++) {
          const own = factor[i * columns + i]!;
          const price = (0.5 * step * step) / (own * own * lambda);
          const at = i * rows;
          for (let k = 0; k < rows; k++) {
            scaled[k] = w[at + k]! / step;
            worth[k] = price * importance[k]!;
          }
          const state = states[order[i]!]!;
          states[order[i]!] = quantizer(scaled, worth, kept?.subarray(at, at + rows), column, counts, state);
          const error = errors.subarray((i - block) * rows, (i - block + 1) * rows);
          for (let k = 0; k < rows; k++) {
            const level = column[k]!;
            levels[first + k * columns + order[i]!] = level;
            const left = (w[at + k]! - step * level) / own;
            error[k] = left;
            divergence += importance[k]! * left * left;
          }
          for (let j = i + 1; j < end; j++) subtract(w, j * rows, factor[i * columns + j]!, error);
        }
        for (let j = end; j < columns; j++) {
          for (let i = block; i < end; i++) {
            subtract(
              w,
              j * rows,
              factor[i * columns + j]!,
              errors.subarray((i - block) * rows, (i - block + 1) * rows),
            );
          }
        }
      }
      return divergence / 2;
    },
  };
}

/** w −= factor · error */
function subtract(w: Float32Array, at: number, factor: number, error: Float32Array): void {
  if (factor === 0) return;
  for (let k = 0; k < error.length; k++) w[at + k]! -= factor * error[k]!;
}
