import { latticeColumn, trellisColumn } from './column-quantizer.ts';
import type { Curvature } from './curvature.ts';
import { DensitySearch } from './density-search.ts';
import { groupPlan } from './error-feedback-group.ts';
import { plainWorkspace } from './feedback-workspace.ts';
import type { Levels } from './quantize.ts';
import { type Rates, SizeCounts } from './rates.ts';
import { shortStep } from './short-step.ts';
import { wasmWorkspace } from './wasm-workspace.ts';

export interface FeedbackOptions {
  /** Share of the mean diagonal that is added to the diagonal: inputs that were never seen may come; default 0.01. */
  readonly damping?: number;
  /** `[K·D]`: 0 where a weight is pruned and stays so. */
  readonly mask?: Uint8Array;
  /**
   * Whether hot loops run in WebAssembly, where that is allowed; default true. JavaScript makes the same but for last bits, and so now
   * and then another level: the same input makes the same output only on the same side.
   */
  readonly wasm?: boolean;
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
  /**
   * Share of levels that may differ from 0: those whose loss would do most harm, importance_k · (w_kj / U_jj)² with the errors of other
   * columns in w. Met within half a point, unless so many become 0 at this price anyway. Default 1.
   */
  readonly density?: number;
}

export interface FeedbackLevels extends Levels {
  /** ½ Σ_k importance_k Δw_kᵀ M Δw_k, damped: expected divergence of the answers, in nats. */
  readonly divergence: number;
}

/*
 * At high rates a lattice of step Δ makes ½ s Δ²/12 nats of a weight of sensitivity s, and a quarter of it with one bit more:
 * −dD/dR = 2 ln 2 · D = λ  ⇔  Δ² = 12 λ / (s ln 2). At two to three bits a weight, where zero is cheap, steps do best that are
 * larger; and a trellis has its points on half the step. Both measured on held-back images with SqueezeNet v1.0 and v1.1: flat
 * between 0.7 and 1, and at 0.6 4 % more bytes for the same divergence.
 */
const LATTICE_SHARE = 1.15;
const TRELLIS_SHARE = 0.84;

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
  const { damping = 0.01, mask, wasm = true } = options;
  const { groups, importance } = curvature;
  const rows = importance.length;
  const columns = rows > 0 ? values.length / rows : 0;
  if (columns * columns * groups !== curvature.matrix.length) {
    throw new RangeError(
      `feedbackPlan: "curvature" expected a matrix for ${groups} × ${columns} columns of ${rows} rows, got ${curvature.matrix.length} numbers`,
    );
  }
  checkOptions(options, values.length);
  const workspace =
    (wasm && columns >= WORTHWHILE && wasmWorkspace(groups, columns, rows / groups)) ||
    plainWorkspace(groups, columns, rows / groups);
  const parts = Array.from({ length: groups }, (_, group) =>
    groupPlan(values, curvature, workspace, { group, rows: rows / groups, columns, damping, mask }),
  );
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  const sensitivity = parts.reduce((sum, part) => sum + part.sensitivity, 0) / (groups || 1);
  return {
    rows,
    columns,
    sensitivity,
    quantize(lambda, { trellis = false, step: wanted, density = 1 } = {}) {
      checkQuantizeOptions(lambda, wanted, density);
      const usual =
        Math.sqrt((12 * lambda) / (Math.LN2 * (sensitivity || 1))) * (trellis ? TRELLIS_SHARE : LATTICE_SHARE);
      const step = shortStep(wanted ?? Math.min(usual, largest || 1), largest);
      const levels = new Int32Array(values.length);
      const search =
        density < 1 ? new DensitySearch(Math.round(density * levels.length), TOLERANCE * levels.length) : undefined;
      let counts = new SizeCounts();
      let divergence = 0;
      // What symbols cost follows from how often they occur, how often they occur from the rounding.
      let rates: Rates | undefined;
      for (let pass = 1, done = false; !done; pass++) {
        counts = new SizeCounts();
        const quantizer = trellis ? trellisColumn(rates, rows / groups, counts) : latticeColumn(rates, counts);
        const states = new Uint8Array(columns); // of a trellis: it runs down a column through all groups
        const { threshold = 0, saliencies } = search ?? {};
        const all = { step, lambda, quantizer, levels, states, threshold, saliencies };
        divergence = parts.reduce((sum, part) => sum + part.round(all), 0);
        if (pass < PASSES) rates = counts.rates();
        const isMet = search?.learn(levels.length - counts.counts[0][0]! - counts.counts[1][0]!, pass >= PASSES);
        done = pass >= (isMet === false ? MOST_PASSES : PASSES);
      }
      let error = 0;
      for (let i = 0; i < levels.length; i++) error += (values[i]! - step * levels[i]!) ** 2;
      return { levels, step, trellis, error, bits: counts.bits, divergence };
    },
  };
}

/** More passes change little. */
const PASSES = 3;

/** Passes in which a density is to be found, and how near. */
const MOST_PASSES = 10;
const TOLERANCE = 0.002;

/** Columns from which on WebAssembly pays. */
const WORTHWHILE = 32;

function checkOptions({ damping = 0, mask }: FeedbackOptions, count: number): void {
  if (!(damping >= 0 && damping < Infinity)) {
    throw new RangeError(`feedbackPlan: "damping" expected a finite number ≥ 0, got ${damping}`);
  }
  if (mask && mask.length !== count) {
    throw new RangeError(`feedbackPlan: "mask" expected ${count} numbers, got ${mask.length}`);
  }
}

function checkQuantizeOptions(lambda: number, step: number | undefined, density: number): void {
  if (!(lambda > 0 && lambda < Infinity)) {
    throw new RangeError(`quantize: "lambda" expected a finite number > 0, got ${lambda}`);
  }
  if (step !== undefined && !(step > 0 && step < Infinity)) {
    throw new RangeError(`quantize: "step" expected a finite number > 0, got ${step}`);
  }
  if (!(density >= 0 && density <= 1)) {
    throw new RangeError(`quantize: "density" expected a number from 0 to 1, got ${density}`);
  }
}
