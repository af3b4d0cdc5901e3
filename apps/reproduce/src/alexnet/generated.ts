import type { Random } from '@pare/core';

export interface GeneratedKernelOptions {
  /** Outputs: filters or units. */
  readonly rows: number;
  /** Connections of an output: C/groups · R · S, or C. */
  readonly columns: number;
  /** Kept share that pruning by magnitude is to find, 0 < density < 1. */
  readonly density: number;
  /** Of this kernel alone: `random.fork(name)`. */
  readonly random: Random;
}

/**
 * Coefficients of variation of the density of rows and columns, as measured on one dense layer of the compressed AlexNet that
 * the authors of Deep Compression released. Fixed before any size was measured.
 */
export const ROW_VARIATION = 0.13;
export const COLUMN_VARIATION = 0.08;

/**
 * Draws the kernel of a dense network such that pruning it by magnitude leaves what pruned networks look like: a given
 * density, uneven over rows and columns.
 *
 * Weights are Laplace values, w_ij = ± b_ij · E with E exponential of mean 1. The scale makes row i and column j lose
 * their share: with the threshold t that the whole kernel would have,
 *
 *   P(|w_ij| > t) = exp(−t / b_ij) = density · r_i · c_j,   so   b_ij = t / (ln(1/density) − ln r_i − ln c_j)
 *
 * where r and c are drawn from gamma distributions of mean 1 and the variations above. t is such that a kernel without
 * factors has variance 2 / columns, as networks have that are about to be trained. A share is at most 0.99.
 *
 * Trained weights differ: they do not stay at random places, and retraining moves those that were kept. Random ones are harder to
 * code, so sizes measured on them are labelled and never called those of the real network.
 *
 * @returns row-major, rows · columns values
 * @throws RangeError if the density is not between 0 and 1
 */
export function generatedKernel({ rows, columns, density, random }: GeneratedKernelOptions): Float32Array {
  if (!(density > 0 && density < 1)) {
    throw new RangeError(`generatedKernel: "density" expected 0 < density < 1, got ${density}`);
  }
  const logDensity = -Math.log(density);
  const threshold = logDensity / Math.sqrt(columns); // b of 1/√columns: a Laplace value's variance is 2·b²
  const rowLogs = logFactors(rows, ROW_VARIATION, random.fork('rows'));
  const columnLogs = logFactors(columns, COLUMN_VARIATION, random.fork('columns'));
  const draws = random.fork('values');
  const values = new Float32Array(rows * columns);
  for (let row = 0, i = 0; row < rows; row++) {
    const logShare = logDensity - rowLogs[row]!;
    for (let column = 0; column < columns; column++, i++) {
      const scale = threshold / Math.max(LEAST_LOG, logShare - columnLogs[column]!);
      const draw = draws.uint32();
      const exponential = -Math.log(((draw >>> 1) + 0.5) / 2 ** 31);
      values[i] = draw & 1 ? scale * exponential : -scale * exponential;
    }
  }
  return values;
}

/** Draws biases: normal values of deviation 0.1. They are not pruned, and stored as they are. */
export const generatedBias = (count: number, random: Random): Float32Array =>
  Float32Array.from({ length: count }, () => 0.1 * random.normal());

const LEAST_LOG: number = -Math.log(0.99);

/** Logarithms of gamma values of mean 1. */
function logFactors(count: number, variation: number, random: Random): Float64Array {
  const shape = 1 / variation ** 2;
  return Float64Array.from({ length: count }, () => Math.log(gamma(shape, random) / shape));
}

/** Draws a gamma value of scale 1 and shape > 1 (Marsaglia and Tsang 2000: a simple method for generating gamma variables). */
function gamma(shape: number, random: Random): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.float()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
