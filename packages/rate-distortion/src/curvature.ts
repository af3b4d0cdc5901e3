import type { LayerStatistics } from '@pare/core';

/** How much the answers of a network move with a change of one kernel: ½ Σ_k importance_k · Δw_kᵀ M Δw_k nats, about. */
export interface Curvature {
  /** `[groups, D, D]`, symmetric; the matrix of a row is that of its group. */
  readonly matrix: Float32Array;
  /** `[K]`, ≥ 0, of each row. */
  readonly importance: Float32Array;
  readonly groups: number;
}

export interface CurvatureOptions {
  /** Whether the layer has a bias that is corrected for the mean of what changes (`correctedBias`); default false. */
  readonly bias?: boolean;
}

/**
 * Makes the curvature of a layer out of what calibration examples told about it.
 *
 * A change Δw of a row changes its output at each position p by Δw·x_p, and the loss by Σ_p g_p Δw·x_p. Positions agree to some
 * degree: of inputs the mean x̄ of an example is common to all, and of gradients what ρ = E[(Σ g)²] / Σ E[g²] tells. Then the
 * expected square is
 *
 *     Σ E[g²] · Δwᵀ M Δw,     M = (E[x xᵀ] − E[x̄ x̄ᵀ]) + ρ · E[x̄ x̄ᵀ]
 *
 * of which the covariance in E[x̄ x̄ᵀ], known from few examples, is drawn to that in E[x xᵀ]. In a network that ends in an average
 * over positions ρ of the last layers is their number: there only the mean counts. With a bias that takes up the mean of the
 * change, ρ · E[x] E[x]ᵀ is gone from M.
 *
 * Importance is a quarter that of the row and three quarters the mean of all: from some hundred examples the worth of an output is
 * known badly, and not at all for answers that none of them calls for.
 *
 * @param rows - K
 * @throws RangeError if the statistics are not those of a kernel of so many rows and columns
 * @example
 * layerCurvature({ inputSecondMoment: Float32Array.of(2), inputMean: Float32Array.of(1), outputFisher: Float32Array.of(3) }, 1, { bias: true }).matrix // Float32Array [1]
 */
export function layerCurvature(statistics: LayerStatistics, rows: number, options: CurvatureOptions = {}): Curvature {
  const { inputSecondMoment, inputMean, exampleMoment, outputFisher, outputCoherence } = statistics;
  const columns = inputMean.length === 0 ? 0 : Math.round(inputSecondMoment.length / inputMean.length);
  const groups = columns === 0 ? 0 : inputMean.length / columns;
  if (inputSecondMoment.length !== groups * columns * columns || !Number.isInteger(groups) || groups < 1) {
    throw new RangeError(
      `layerCurvature: "statistics" expected moments [groups, D, D] and means [groups, D], got ${inputSecondMoment.length} and ${inputMean.length} numbers`,
    );
  }
  if (outputFisher.length !== rows || rows % groups !== 0) {
    throw new RangeError(
      `layerCurvature: "statistics" expected ${rows} outputs in ${groups} groups, got ${outputFisher.length}`,
    );
  }
  const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
  const worth = sum(outputFisher);
  const agreement = exampleMoment && outputCoherence && worth > 0 ? Math.max(1, sum(outputCoherence) / worth) : 1;
  const centred = options.bias === true ? agreement : 0;
  const matrix = new Float32Array(inputSecondMoment.length);
  for (let group = 0, at = 0; group < groups; group++) {
    const mean = inputMean.subarray(group * columns, (group + 1) * columns);
    const spread = exampleMoment ? spreadOf(exampleMoment, mean, at) / (spreadOf(inputSecondMoment, mean, at) || 1) : 0;
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++, at++) {
        const square = mean[i]! * mean[j]!;
        const all = inputSecondMoment[at]! - square;
        const common = exampleMoment ? (1 - SHRINKAGE) * (exampleMoment[at]! - square) + SHRINKAGE * spread * all : 0;
        matrix[at] = all + (agreement - 1) * common + (agreement - centred) * square;
      }
    }
  }
  const mean = rows > 0 ? worth / rows : 0;
  return { matrix, groups, importance: outputFisher.map((own) => OWN_SHARE * own + (1 - OWN_SHARE) * mean || 1) };
}

const OWN_SHARE = 0.25;

/**
 * How far the covariance of examples' means is drawn to that of all positions, scaled to its trace: some hundred examples tell the
 * one of some hundred inputs badly, their many positions the other well, and what they do not tell would be taken for free to spoil.
 * On held-back images 0.5 to 0.8 did best with SqueezeNet v1.0 (4 % fewer bytes for the same divergence) and v1.1 (1 %).
 */
const SHRINKAGE = 0.7;

/** The trace of a matrix of moments less that of the squared mean. */
function spreadOf(moments: Float32Array, mean: Float32Array, from: number): number {
  let spread = 0;
  for (let i = 0; i < mean.length; i++) spread += moments[from + i * (mean.length + 1)]! - mean[i]! * mean[i]!;
  return Math.max(0, spread);
}

/**
 * Moves a bias so that the mean of each output stays what it was: b_k + Σ_j (w_kj − ŵ_kj) E[x_j].
 *
 * @param before - the kernel, `[K, D]`
 * @param after - the changed one
 * @param inputMean - E[x], `[groups, D]`
 * @example
 * correctedBias(Float32Array.of(1), Float32Array.of(2), Float32Array.of(1.5), Float32Array.of(4)) // Float32Array [3]
 */
export function correctedBias(
  bias: Float32Array,
  before: Float32Array,
  after: Float32Array,
  inputMean: Float32Array,
): Float32Array {
  const rows = bias.length;
  const columns = before.length / (rows || 1);
  const perGroup = (rows * columns) / (inputMean.length || 1); // rows of a group
  return bias.map((value, k) => {
    const from = Math.floor(k / perGroup) * columns;
    let shift = 0;
    for (let j = 0; j < columns; j++)
      shift += (before[k * columns + j]! - after[k * columns + j]!) * inputMean[from + j]!;
    return value + shift;
  });
}
