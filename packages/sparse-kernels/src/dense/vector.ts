import { expectCount, expectLength } from '../expect.ts';
import type { Kernels } from '../kernels.ts';
import type { Bounds, Prepared } from './shapes.ts';

/**
 * Puts the weights of a dense layer into the memory of kernels. Plain twin: `plainVector`.
 *
 * @param w - `[rows, columns]`
 * @param bias - `[rows]`; default zeros
 * @returns takes `columns` numbers and gives `rows`
 * @throws RangeError if the matrix has no whole rows, the bias has another length, or the memory does not suffice
 */
export function denseVector(
  kernels: Kernels,
  rows: number,
  w: Float32Array,
  bias?: Float32Array,
  bounds: Bounds = {},
): Prepared {
  const { least = -Infinity, most = Infinity } = bounds;
  const columns = w.length / rows;
  expectCount('denseVector', 'rows', rows);
  expectCount('denseVector', 'columns', columns);
  expectLength('denseVector', 'bias', bias, rows);
  const weights = kernels.place(w);
  const biases = kernels.place(bias ?? new Float32Array(rows));
  const weightBytes = 4 * (w.length + rows);
  const run = (x: number, y: number): void =>
    kernels.exports.denseVector(rows, columns, weights, x, biases, y, least, most);
  return { weightBytes, readBytes: weightBytes, scratchBytes: 0, run };
}
