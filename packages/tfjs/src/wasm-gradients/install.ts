import { getKernel, type KernelConfig, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { composedKernels } from './composed-kernels.ts';

/** How {@link installWasmGradients} computes. */
export interface WasmGradientsOptions {
  /**
   * `'simd'`: own SIMD kernels on tfjs's memory, and composed ones where that memory cannot be reached (tfjs's threaded
   * build, an engine without SIMD). `'composed'`: always compositions of stock operations. Default `'simd'`.
   */
  readonly path?: 'simd' | 'composed';
}

/** What {@link installWasmGradients} returns. */
export interface WasmGradients {
  /** Names of the kernels that were added or replaced. */
  readonly kernelNames: readonly string[];
  /** Puts back the kernels that were there before. */
  uninstall(): void;
}

let installed: (WasmGradients & { readonly path: string }) | undefined;

/**
 * Makes the tfjs backend `'wasm'` able to train: adds the gradient kernels it lacks, replaces the wrong and the slow ones.
 *
 * Added: the filter gradient of convolutions and both gradients of depthwise convolutions. Corrected: the gradient of
 * max-pooling, which in tfjs 4.22.0 ignores the maximum of windows that are all negative. Faster: the input gradient of
 * convolutions, and matrix products with a transposed operand, of which every dense layer's gradient has two.
 *
 * Calling it again changes nothing unless the path differs. It may be called before or after the backend starts.
 *
 * @throws Error if `@tensorflow/tfjs-backend-wasm` was not imported, so that there is nothing to add to
 * @example
 * const { uninstall } = installWasmGradients();
 */
export function installWasmGradients({ path = 'simd' }: WasmGradientsOptions = {}): WasmGradients {
  if (installed?.path === path) return installed;
  installed?.uninstall();
  const stockKernels = new Map<string, KernelConfig | undefined>();
  const kernels = composedKernels(stockKernel);
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    stockKernels.set(kernelName, lookUp(kernelName));
    replace(kernelName, { kernelName, backendName: 'wasm', kernelFunc });
  }
  return (installed = {
    path,
    kernelNames: [...stockKernels.keys()],
    uninstall() {
      if (installed !== this) return;
      for (const [kernelName, config] of stockKernels) replace(kernelName, config);
      installed = undefined;
    },
  });
}

function stockKernel(kernelName: string): KernelFunc {
  const config = lookUp(kernelName);
  if (config !== undefined) return config.kernelFunc;
  throw new Error(
    `installWasmGradients: no kernel "${kernelName}" on backend "wasm": import '@tensorflow/tfjs-backend-wasm' first`,
  );
}

// tfjs types the result as always there; it is not.
const lookUp = (kernelName: string): KernelConfig | undefined => getKernel(kernelName, 'wasm');

function replace(kernelName: string, config: KernelConfig | undefined): void {
  if (lookUp(kernelName) !== undefined) unregisterKernel(kernelName, 'wasm');
  if (config !== undefined) registerKernel(config);
}
