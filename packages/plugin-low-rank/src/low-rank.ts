import type { Random } from '@pare/core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { gram, product, type Rows, transposed } from './_products.ts';

/** Two matrices whose product is near a third. */
export interface LowRankFactors {
  /** [rows, rank], row-major. */
  readonly left: Float32Array;
  /** [rank, columns], row-major. */
  readonly right: Float32Array;
  /** ‖W − left·right‖² ÷ ‖W‖², as the singular values say; 0 for a matrix of zeros. */
  readonly error: number;
}

export interface LowRankOptions {
  /** Draws the directions that the search starts from; needed where neither side is at most 512. */
  readonly random?: Random;
  /** Rounds of the search there: each makes what it misses smaller by the ratio of the singular values, squared. Default 3. */
  readonly iterations?: number;
}

/**
 * Finds the two thin matrices whose product is nearest to a matrix: W[rows, columns] ≈ left[rows, rank] · right[rank, columns].
 *
 * With W = Σ σ_i u_i v_iᵀ the nearest of that rank is the sum of the first `rank` terms (Eckart and Young); left holds √σ_i u_i
 * and right √σ_i v_iᵀ, so that both have numbers of a size. The u_i are eigenvectors of W·Wᵀ where a side has at most 512; that is
 * exact to what float32 can tell. Otherwise W is first narrowed to the `rank` + 10 directions that it stretches most, found by
 * multiplying random ones with W·Wᵀ some rounds: near the best, and the same for the same chance.
 *
 * @param values - row-major, finite
 * @param rank - 1 … min(rows, columns)
 * @throws RangeError if a number is not finite, or lengths, rank or `iterations` do not fit
 * @throws TypeError if `random` is needed and absent
 * @example
 * const { left, right, error } = lowRankFactors(Float32Array.of(1, 2, 2, 4), 2, 2, 1);
 * Math.abs(left[1] * right[1] - 4) < 1e-6 && error < 1e-6 // true
 * @see Eckart, Young 1936; Halko, Martinsson, Tropp 2011, algorithms 4.4 and 5.1; Denton et al. 2014, section 3.2
 */
export function lowRankFactors(
  values: Float32Array,
  rows: number,
  columns: number,
  rank: number,
  options: LowRankOptions = {},
): LowRankFactors {
  check(values, rows, columns, rank, options);
  const given: Rows = { values: Float64Array.from(values), rows, columns };
  const flat = rows > columns ? transposed(given) : given; // at most as many rows as columns
  const directions = flat.rows > EXACT && rank + SPARE < flat.rows ? widest(flat, rank + SPARE, options) : undefined;

  // B = Qᵀ·W; with B·Bᵀ = X·Λ·Xᵀ, W ≈ (Q·X) · (Xᵀ·B), and the rows of Xᵀ·B are σ_i v_iᵀ.
  const narrow = directions ? product(transposed(directions), flat) : flat;
  const { vectors } = eigen(gram(narrow), narrow.rows, rank);
  const scaled = product(transposed(vectors), narrow);
  const unit = directions ? product(directions, vectors) : vectors;

  const factors = balanced(unit, scaled, rank);
  const whole = values.reduce((sum, value) => sum + value * value, 0);
  const error = whole === 0 ? 0 : Math.max(0, 1 - factors.captured / whole);
  if (flat === given) return { left: factors.left, right: factors.right, error };
  const turn = (values: Float32Array, rows: number, columns: number): Float32Array =>
    Float32Array.from(transposed({ values: Float64Array.from(values), rows, columns }).values);
  return {
    left: turn(factors.right, rank, flat.columns),
    right: turn(factors.left, flat.rows, rank),
    error,
  };
}

/** So many rows have all their eigenvectors found in about a second. */
const EXACT = 512;
/** Directions beyond those asked for, which make the search near certain to find them (Halko et al., section 4.2). */
const SPARE = 10;

/** Finds an orthonormal basis [rows, count] of what W stretches most. */
function widest(matrix: Rows, count: number, { random, iterations = 3 }: LowRankOptions): Rows {
  if (!random) {
    throw new TypeError(`lowRankFactors: "random" expected for [${matrix.rows}, ${matrix.columns}], got none`);
  }
  const turned = transposed(matrix);
  const start = Float64Array.from({ length: matrix.columns * count }, () => random.normal());
  let basis = product(matrix, { values: start, rows: matrix.columns, columns: count });
  for (let i = 0; i < iterations; i++) basis = product(matrix, product(turned, orthonormal(basis)));
  return orthonormal(orthonormal(basis)); // the first time leaves rounding errors
}

/** Makes columns orthonormal, dropping those that depend on others. */
function orthonormal(matrix: Rows): Rows {
  const { vectors, values } = eigen(gram(transposed(matrix)), matrix.columns, matrix.columns);
  const kept = values.filter((value) => value > 1e-13 * values[0]!).length;
  const scaled = new Float64Array(vectors.rows * kept);
  for (let i = 0; i < vectors.rows; i++) {
    for (let j = 0; j < kept; j++) {
      scaled[i * kept + j] = vectors.values[i * vectors.columns + j]! / Math.sqrt(values[j]!);
    }
  }
  return product(matrix, { values: scaled, rows: vectors.rows, columns: kept });
}

/** The eigenvectors [size, count] of a symmetric matrix that have the largest eigenvalues, largest first. */
function eigen(symmetric: Float64Array, size: number, count: number): { vectors: Rows; values: number[] } {
  const matrix = Matrix.from1DArray(size, size, symmetric);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]! || a - b);
  const chosen = order.slice(0, count);
  const values = new Float64Array(size * chosen.length);
  for (let i = 0; i < size; i++) {
    for (const [j, column] of chosen.entries()) values[i * chosen.length + j] = eigenvectorMatrix.get(i, column);
  }
  return { vectors: { values, rows: size, columns: chosen.length }, values: chosen.map((i) => realEigenvalues[i]!) };
}

/** Shares each singular value evenly between the two. What search did not find, for lack of rank, is zero. */
function balanced(
  unit: Rows,
  scaled: Rows,
  rank: number,
): { left: Float32Array; right: Float32Array; captured: number } {
  const left = new Float32Array(unit.rows * rank);
  const right = new Float32Array(rank * scaled.columns);
  let captured = 0; // Σ σ²
  for (let i = 0; i < scaled.rows; i++) {
    const row = scaled.values.subarray(i * scaled.columns, (i + 1) * scaled.columns);
    let square = 0;
    for (let j = 0; j < row.length; j++) square += row[j]! ** 2;
    captured += square;
    const root = square ** 0.25; // √σ
    if (root === 0) continue;
    for (let j = 0; j < row.length; j++) right[i * row.length + j] = row[j]! / root;
    for (let j = 0; j < unit.rows; j++) left[j * rank + i] = unit.values[j * unit.columns + i]! * root;
  }
  return { left, right, captured };
}

function check(
  values: Float32Array,
  rows: number,
  columns: number,
  rank: number,
  { iterations = 0 }: LowRankOptions,
): void {
  const whole = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
  if (!whole(rows, 2 ** 31) || !whole(columns, 2 ** 31) || values.length !== rows * columns) {
    throw new RangeError(
      `lowRankFactors: "values" expected rows · columns = ${rows} · ${columns}, got ${values.length}`,
    );
  }
  const most = Math.min(rows, columns);
  if (!whole(rank, most)) throw new RangeError(`lowRankFactors: "rank" expected 1 … ${most}, got ${rank}`);
  if (!(Number.isSafeInteger(iterations) && iterations >= 0)) {
    throw new RangeError(`lowRankFactors: "iterations" expected a whole number ≥ 0, got ${iterations}`);
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new RangeError(`lowRankFactors: "values" expected finite numbers, got ${values[wrong]} at index ${wrong}`);
  }
}
