/**
 * Inverts a positive definite matrix.
 *
 * @param matrix - `[size, size]`, symmetric
 * @throws RangeError if it is not positive definite
 * @example
 * invert(Float32Array.of(2, 0, 0, 4), 2) // Float64Array [0.5, 0, 0, 0.25]
 */
export function invert(matrix: ArrayLike<number>, size: number): Float64Array {
  // Gauss-Jordan in place; no pivots are searched for, as none is needed where the matrix is positive definite.
  const a = Float64Array.from(matrix);
  for (let k = 0; k < size; k++) {
    const pivot = a[k * size + k]!;
    if (!(pivot > 0)) {
      throw new RangeError(
        `invert: "matrix" expected a positive definite one, got a pivot of ${pivot} at column ${k}: add a ridge`,
      );
    }
    a[k * size + k] = 1;
    for (let j = 0; j < size; j++) a[k * size + j]! /= pivot;
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      const factor = a[i * size + k]!;
      if (factor === 0) continue;
      a[i * size + k] = 0;
      for (let j = 0; j < size; j++) a[i * size + j]! -= factor * a[k * size + j]!;
    }
  }
  return a;
}
