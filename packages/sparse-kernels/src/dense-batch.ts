import { denseConv2d } from './dense/conv2d.ts';
import type { Bounds, Prepared } from './dense/shapes.ts';
import { expectCount } from './expect.ts';
import type { Kernels } from './kernels.ts';
import { moreExports } from './more-exports.ts';

/**
 * Puts a dense matrix into the memory of kernels, ready to be multiplied by batches: a convolution of 1x1 whose pixels are samples.
 *
 * Plain twin: `plainVector` for each sample.
 *
 * @param w - `[rows, columns]`
 * @param bias - [rows]. Default: none
 * @returns takes `[batch, columns]` and gives `[batch, rows]`
 * @throws RangeError if `rows` or `batch` are not whole numbers ≥ 1, the matrix has no whole rows, the bias has another length, or the
 *   memory does not suffice
 * @example
 * const own = createKernels();
 * const layer = denseBatch(own, 2, Float32Array.of(1, 2, 0, -3), 2);
 * const [x, y] = [own.place(Float32Array.of(1, 10, 0, 1)), own.allocate(16)];
 * layer.run(x, y, own.allocate(layer.scratchBytes));
 * [...own.float32(y, 4)] // [21, -30, 2, -3]
 */
export function denseBatch(
  kernels: Kernels,
  rows: number,
  w: Float32Array,
  batch: number,
  bias?: Float32Array,
  bounds: Bounds = {},
): Prepared {
  const columns = w.length / rows;
  expectCount('denseBatch', 'rows', rows);
  expectCount('denseBatch', 'batch', batch);
  expectCount('denseBatch', 'columns', columns);
  const { transposeNumbers } = moreExports(kernels);
  const shape = { channels: columns, height: 1, width: batch, filters: rows, kernelSize: [1, 1] } as const;
  const layer = denseConv2d(kernels, shape, w, bias, bounds);
  const inputBytes = 4 * Math.ceil((columns * batch) / 4) * 4 + 64;
  const outputBytes = 4 * Math.ceil((rows * batch) / 4) * 4 + 64;
  return {
    weightBytes: layer.weightBytes,
    readBytes: layer.readBytes,
    scratchBytes: inputBytes + outputBytes + layer.scratchBytes,
    run(x, y, scratch) {
      const outputs = scratch + inputBytes;
      transposeNumbers(x, 4 * columns, batch, columns, scratch, 4 * batch);
      layer.run(scratch, outputs, outputs + outputBytes);
      transposeNumbers(outputs, 4 * batch, rows, batch, y, 4 * rows);
    },
  };
}
