import { clip } from './clip.ts';
import type { Csr } from './csr.ts';
import type { Bounds } from './dense/shapes.ts';

/**
 * Multiplies each row into many columns, in JavaScript: y[m][i] = clip(bias[m] + Σ values[k] · x[shifts[indices[k]] + i]) over the
 * entries k of row m. What WebAssembly does for convolutions and batches, with i a pixel or a sample.
 *
 * @param shifts - [columns]: where in x each column of the matrix finds its inputs
 * @param count - how many i there are
 * @param stride - from row to row of y
 * @example
 * const matrix = toCsr({ kind: 'dense', values: Float32Array.of(1, 2) }, 1, 2);
 * const y = new Float32Array(3);
 * sparseRows(matrix, Uint32Array.of(0, 3), Float32Array.of(1, 2, 3, 10, 20, 30), 3, y, 3);
 * [...y] // [21, 42, 63]
 */
export function sparseRows(
  { rows, rowEnds, indices, values }: Csr,
  shifts: Uint32Array,
  x: Float32Array,
  count: number,
  y: Float32Array,
  stride: number,
  bias?: Float32Array,
  bounds: Bounds = {},
): void {
  for (let m = 0, start = 0; m < rows; m++) {
    const end = rowEnds[m]!;
    for (let i = 0; i < count; i++) {
      let sum = bias?.[m] ?? 0;
      for (let k = start; k < end; k++) sum += values[k]! * x[shifts[indices[k]!]! + i]!;
      y[m * stride + i] = clip(sum, bounds);
    }
    start = end;
  }
}
