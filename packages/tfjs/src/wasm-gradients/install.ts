import { getKernel, type KernelConfig, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { composedKernels } from './composed-kernels.ts';
import { sharingKernels } from './sharing-kernels.ts';
import { simdKernels } from './simd-kernels.ts';

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
  /** The path that was asked for; `'simd'` still leaves to composed kernels what it cannot do itself. */
  readonly path: 'simd' | 'composed';
  /** Names of the kernels that were added or replaced. */
  readonly kernelNames: readonly string[];
  /** Puts back the kernels that were there before. */
  uninstall(): void;
}

let installed: WasmGradients | undefined;

/**
 * Makes the tfjs backend `'wasm'` able to train: adds the gradient kernels it lacks, replaces the wrong and the slow ones.
 *
 * Added: the filter gradient of convolutions and both gradients of depthwise convolutions. Corrected: the gradient of
 * max-pooling, which in tfjs 4.22.0 ignores the maximum of windows that are all negative, and convolutions with padding
 * `'same'` and strides beyond the filter, which give zeros. Faster: the input gradient of convolutions; matrix products with a
 * transposed operand, of which every dense layer's gradient has two, or of many rows; convolutions of up to four
 * channels; sums over leading axes, as in the gradient of a bias; cutting channels apart, as in the gradient of a join; clones, which
 * share their original's memory.
 *
 * Calling it again changes nothing unless the path differs. It may be called before or after the backend starts. In
 * plain Node `@tensorflow/tfjs-core` comes without the gradients of its operations: importing `@tensorflow/tfjs-layers` or
 * `@tensorflow/tfjs` registers them.
 *
 * @throws Error if `@tensorflow/tfjs-backend-wasm` was not imported, so that there is nothing to add to
 * @example
 * const { uninstall } = installWasmGradients();
 */
export function installWasmGradients({ path = 'simd' }: WasmGradientsOptions = {}): WasmGradients {
  if (installed?.path === path) return installed;
  installed?.uninstall();
  const stockKernels = new Map<string, KernelConfig | undefined>();
  const composed = composedKernels(stockKernel);
  const kernels = {
    ...composed,
    ...sharingKernels(stockKernel),
    ...(path === 'simd' ? simdKernels((name) => composed[name] ?? stockKernel(name)) : {}),
  };
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    stockKernels.set(kernelName, lookUp(kernelName));
    replace(kernelName, { kernelName, backendName: 'wasm', kernelFunc });
  }
  const installation: WasmGradients = {
    path,
    kernelNames: [...stockKernels.keys()],
    uninstall() {
      if (installed !== installation) return; // another one has taken its place, or it was undone already
      for (const [kernelName, config] of stockKernels) replace(kernelName, config);
      installed = undefined;
    },
  };
  installed = installation;
  return installation;
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
