import { solveSubset } from './cholesky.ts';

/** E[x xᵀ] of a filter's inputs, and its inverse, both `[n, n]`. */
export interface InputMoments {
  readonly matrix: ArrayLike<number>;
  readonly inverse: ArrayLike<number>;
}

/**
 * Moves the kept weights of a filter so that they make up for those that have gone: of all v that are zero where the mask is, the one of
 * least (w − v)ᵀ A (w − v).
 *
 * With S what is kept and R what has gone there are two ways, of which the one with the smaller system is taken:
 *
 *     v_S = w_S + (A_SS)⁻¹ A_SR w_R          v = w − H_·R (H_RR)⁻¹ w_R,   H = A⁻¹
 *
 * Differs from `refit` in that a ridge within A holds the weights where they were, not at zero.
 *
 * @param weights - `[n]`
 * @param mask - `[n]`, 1 = kept
 * @returns `[n]`
 * @throws RangeError if A is not positive definite
 * @example
 * const moments = { matrix: Float64Array.of(1, 0.5, 0.5, 1), inverse: invert(Float64Array.of(1, 0.5, 0.5, 1), 2) };
 * compensate(moments, Float32Array.of(1, 2), Uint8Array.of(1, 0)) // Float32Array [2, 0]
 * @see Hassibi, Stork 1993, Second order derivatives for network pruning
 */
export function compensate(
  { matrix, inverse }: InputMoments,
  weights: ArrayLike<number>,
  mask: Uint8Array,
): Float32Array {
  const n = weights.length;
  const out = new Float32Array(n);
  const kept: number[] = [];
  const gone: number[] = [];
  for (let i = 0; i < n; i++) (mask[i] === 1 ? kept : gone).push(i);
  if (gone.length <= kept.length) {
    const pull = solveSubset(inverse, n, gone, weights);
    for (const i of kept) {
      let sum = weights[i]!;
      for (const [at, j] of gone.entries()) sum -= inverse[i * n + j]! * pull[at]!;
      out[i] = sum;
    }
    return out;
  }
  const lost = new Float64Array(n); // A_·R w_R
  for (const j of gone) {
    const weight = weights[j]!;
    for (let i = 0; i < n; i++) lost[i]! += weight * matrix[j * n + i]!;
  }
  const added = solveSubset(matrix, n, kept, lost);
  for (const [at, i] of kept.entries()) out[i] = weights[i]! + added[at]!;
  return out;
}
