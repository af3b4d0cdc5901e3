import { prepareProduct } from '@pare/sparse-kernels';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { BEYOND, type SparseCall, type SparseLayer } from './sparse-call.ts';

/**
 * Prepares a product of vectors with a matrix, `[…, N, C] · [C, K]`: what a dense layer is.
 *
 * @returns undefined for what no sparse kernel does, or does as fast as a dense one
 */
export function sparseProduct(call: SparseCall): SparseLayer | undefined {
  const { inputs, attributes, bounds, memory } = call;
  const { a, b, bias } = inputs as { a: TensorInfo; b: TensorInfo; bias?: TensorInfo };
  if (attributes.transposeA || attributes.transposeB) return undefined;
  const [columns, rows] = b.shape.slice(-2) as [number, number];
  if (util.sizeFromShape([...b.shape]) !== rows * columns) return undefined; // a matrix for each example
  if (bias && util.sizeFromShape([...bias.shape]) !== rows) return undefined;
  const numbers = util.sizeFromShape([...a.shape]);
  if (numbers === 0 || rows === 0) return undefined; // nothing to multiply
  const batch = numbers / columns;
  const values = transposed(memory.viewOf(b), columns, rows);
  const layer = prepareProduct(memory.kernels, { kind: 'dense', values }, rows, columns, {
    ...bounds,
    batch,
    bias: bias && memory.viewOf(bias).slice(),
  });
  if (layer.kernel.startsWith('dense')) return undefined;
  return {
    kernel: layer.kernel,
    run({ inputs: { a: vectors }, memory: { addressOf, viewOf, backend, withScratch, kernels } }) {
      const from = addressOf(vectors!);
      const bytes = 4 * batch * columns;
      // At the very end of the memory there is nothing to read beyond.
      const isInside = from + bytes + BEYOND <= kernels.memory.buffer.byteLength;
      return withScratch([layer.scratchBytes + BEYOND, isInside ? 0 : bytes + BEYOND], (scratch, copy) => {
        const output = backend.makeOutput([...vectors!.shape.slice(0, -1), rows], 'float32');
        if (!isInside) kernels.float32(copy!, batch * columns).set(viewOf(vectors!));
        layer.run(isInside ? from : copy!, addressOf(output), scratch!);
        return output;
      });
    },
  };
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0, at = 0; r < rows; r++) for (let c = 0; c < columns; c++, at++) out[c * rows + r] = values[at]!;
  return out;
}
