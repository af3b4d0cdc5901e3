import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../wasm-memory.ts';

/**
 * A clone, and a cast to the type that a tensor has, that share its numbers, as on other backends. The stock kernels copy them, and
 * every operation that keeps a tensor for its gradient clones it; that of ReLU casts too.
 */
export const sharingKernels = (stock: (kernelName: string) => KernelFunc): Readonly<Record<string, KernelFunc>> => ({
  Identity: shared(stock('Identity')),
  Cast: shared(stock('Cast')),
});

function shared(stockKernel: KernelFunc): KernelFunc {
  return (call) => {
    const { dataId, shape, dtype } = call.inputs.x as TensorInfo;
    if (dtype === 'string' || (call.attrs?.dtype ?? dtype) !== dtype) return stockKernel(call);
    (call.backend as WasmBackend).incRef(dataId); // the foreign border: these kernels are registered for that backend alone
    return { dataId, shape, dtype };
  };
}
