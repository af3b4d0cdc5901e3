import type { KernelFunc } from '@tensorflow/tfjs-core';
import { overlayKernels, wasmKernel } from '../kernel-overlay.ts';
import { boundsOf } from './bounds.ts';
import { sparseConvolution } from './sparse-convolution.ts';
import { sparseProduct } from './sparse-product.ts';
import type { SparseWeight } from './sparse-weight.ts';

/** What {@link installSparseKernels} returns. */
export interface SparseKernels {
  /**
   * Takes our kernels off again; sparsified models then run dense. Kernels that others have put over ours stay. Nothing happens if that
   * was done before.
   */
  uninstall(): void;
}

/** Weights that were sparsified, by the identity of their data: a weight that is trained or replaced gets another. */
export const sparseWeights: WeakMap<object, SparseWeight> = /* @__PURE__ */ new WeakMap();

/** Kernels of tfjs that multiply with weights, which of their inputs these are, and what prepares ours. */
const KERNELS = [
  { name: 'Conv2D', weights: 'filter', prepare: sparseConvolution },
  { name: 'FusedConv2D', weights: 'filter', prepare: sparseConvolution },
  { name: 'BatchMatMul', weights: 'b', prepare: sparseProduct },
  { name: '_FusedMatMul', weights: 'b', prepare: sparseProduct },
] as const;

let installed: SparseKernels | undefined;

/**
 * Makes convolutions and matrix products of the tfjs backend `'wasm'` use sparse kernels where {@link sparsify} has prepared their
 * weights. Everything else runs as before. Calling it again changes nothing.
 *
 * @throws Error if `@tensorflow/tfjs-backend-wasm` was not imported, so that there is nothing to add to
 * @example
 * const { uninstall } = installSparseKernels();
 */
export function installSparseKernels(): SparseKernels {
  if (installed) return installed;
  const remove = overlayKernels(
    Object.fromEntries(
      KERNELS.map(({ name, weights, prepare }): [string, KernelFunc] => {
        const stock = wasmKernel(name, 'installSparseKernels');
        const kernelFunc: KernelFunc = (call) => {
          const inputs = call.inputs as Parameters<typeof boundsOf>[1];
          const attributes = call.attrs ?? {};
          const weight = sparseWeights.get(inputs[weights]!.dataId);
          const bounds = weight && boundsOf(attributes, inputs);
          return (
            (bounds && weight.run(name, { inputs, attributes, bounds }, prepare, () => stock(call))) ?? stock(call)
          );
        };
        return [name, kernelFunc];
      }),
    ),
  );
  const installation: SparseKernels = {
    uninstall() {
      remove();
      if (installed === installation) installed = undefined;
    },
  };
  installed = installation;
  return installation;
}
