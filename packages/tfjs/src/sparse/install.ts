import { getKernel, type KernelConfig, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { boundsOf } from './bounds.ts';
import { sparseConvolution } from './sparse-convolution.ts';
import { sparseProduct } from './sparse-product.ts';
import type { SparseWeight } from './sparse-weight.ts';

/** What {@link installSparseKernels} returns. */
export interface SparseKernels {
  /** Puts back the kernels that were there before; sparsified models then run dense again. */
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
  const stock = KERNELS.map(({ name, weights, prepare }) => {
    const config = lookUp(name);
    if (!config) {
      throw new Error(
        `installSparseKernels: no kernel "${name}" on backend "wasm": import '@tensorflow/tfjs-backend-wasm' first`,
      );
    }
    const kernelFunc: KernelFunc = (call) => {
      const inputs = call.inputs as Parameters<typeof boundsOf>[1];
      const attributes = call.attrs ?? {};
      const weight = sparseWeights.get(inputs[weights]!.dataId);
      const bounds = weight && boundsOf(attributes, inputs);
      return (
        (bounds && weight.run(name, { inputs, attributes, bounds }, prepare, () => config.kernelFunc(call))) ??
        config.kernelFunc(call)
      );
    };
    return { config, replacement: { ...config, kernelFunc } };
  });
  for (const { replacement } of stock) replace(replacement);
  const installation: SparseKernels = {
    uninstall() {
      if (installed !== installation) return;
      for (const { config } of stock) replace(config);
      installed = undefined;
    },
  };
  installed = installation;
  return installation;
}

// tfjs types the result as always there; it is not.
const lookUp = (name: string): KernelConfig | undefined => getKernel(name, 'wasm');

function replace(config: KernelConfig): void {
  unregisterKernel(config.kernelName, config.backendName);
  registerKernel(config);
}
