import { inverseFactorInPlace } from './inverse-factor.ts';

/**
 * What a kernel of D columns and K rows is quantised in, and the two loops that take the time. Matrices may be larger than asked for:
 * the caller fills what is beyond with zeros, and with ones on the diagonals of `factors`.
 */
export interface FeedbackWorkspace {
  /** ≥ D */
  readonly size: number;
  /** ≥ K */
  readonly width: number;
  /** Of each group `[size, size]`: a matrix A, all of it; then U, A⁻¹ = Uᵀ U, below whose diagonal is nothing of meaning. */
  readonly factors: readonly Float32Array[];
  /** `[size, width]`: of columns that are quantised what is to be fed back, of others what they are. */
  readonly w: Float32Array;
  /** A ← U. @throws RangeError if A is not positive definite */
  invert(group: number): void;
  /** Feeds what is left of the columns before a block into the block: w_j −= Σ_{i < first} U_ij w_i, j = first … first + `BLOCK` − 1. */
  feedBlock(group: number, first: number): void;
  /** Feeds what is left of the columns before one in its block into it: w_j −= Σ_{first ≤ i < j} U_ij w_i. */
  feedColumn(group: number, first: number, j: number): void;
}

/** Columns that are fed together: the rows of so many columns stay in a cache. */
export const BLOCK = 32;

/** Makes a workspace in JavaScript. */
export function plainWorkspace(groups: number, columns: number, rows: number): FeedbackWorkspace {
  const factors = Array.from({ length: groups }, () => new Float32Array(columns * columns));
  const w = new Float32Array(columns * rows);
  const feed = (factor: Float32Array, i: number, j: number): void => {
    const weight = factor[i * columns + j]!;
    if (weight === 0) return;
    const [from, to] = [i * rows, j * rows];
    for (let k = 0; k < rows; k++) w[to + k]! -= weight * w[from + k]!;
  };
  return {
    size: columns,
    width: rows,
    factors,
    w,
    invert(group) {
      inverseFactorInPlace(factors[group]!, columns);
    },
    feedBlock(group, first) {
      const end = Math.min(columns, first + BLOCK);
      for (let i = 0; i < first; i++) for (let j = first; j < end; j++) feed(factors[group]!, i, j);
    },
    feedColumn(group, first, j) {
      for (let i = first; i < j; i++) feed(factors[group]!, i, j);
    },
  };
}
