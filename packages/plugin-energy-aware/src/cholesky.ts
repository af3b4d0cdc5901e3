/**
 * Solves (A_SS + λI) x = b_S for a subset S of the rows and columns of a symmetric matrix.
 *
 * @param matrix - A, `[n, n]`
 * @param subset - S, indices below n
 * @param right - b, `[n]`
 * @returns x, in the order of the subset; takes the cube of its size / 6
 * @throws RangeError if A_SS + λI is not positive definite
 * @example
 * solveSubset(Float64Array.of(2, 0, 0, 4), 2, [1], [6, 4]) // Float64Array [1]
 */
export function solveSubset(
  matrix: ArrayLike<number>,
  n: number,
  subset: readonly number[],
  right: ArrayLike<number>,
  lambda = 0,
): Float64Array {
  const size = subset.length;
  const factor = new Float64Array(size * size); // lower: A_SS + λI = L Lᵀ
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[subset[i]! * n + subset[j]!]! + (i === j ? lambda : 0);
      for (let k = 0; k < j; k++) sum -= factor[i * size + k]! * factor[j * size + k]!;
      if (i > j) factor[i * size + j] = sum / factor[j * size + j]!;
      else if (sum > 0) factor[i * size + i] = Math.sqrt(sum);
      else {
        throw new RangeError(
          `solveSubset: "matrix" expected to be positive definite on the inputs asked for, got a pivot of ${sum} at input ${subset[i]}: take a larger "ridge"`,
        );
      }
    }
  }
  const x = Float64Array.from(subset, (i) => right[i]!);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= factor[i * size + k]! * x[k]!;
    x[i]! /= factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= factor[k * size + i]! * x[k]!;
    x[i]! /= factor[i * size + i]!;
  }
  return x;
}
