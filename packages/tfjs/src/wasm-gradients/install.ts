import type { KernelFunc } from '@tensorflow/tfjs-core';
import { overlayKernels, wasmKernel } from '../kernel-overlay.ts';
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
  /** Takes the kernels off again, so that those that were there before are used. Kernels that others have put over them stay. */
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
  const composed = composedKernels(stockKernel);
  const kernels = {
    ...composed,
    ...sharingKernels(stockKernel),
    ...(path === 'simd' ? simdKernels((name) => composed[name] ?? stockKernel(name)) : {}),
  };
  const remove = overlayKernels(kernels);
  const installation: WasmGradients = {
    path,
    kernelNames: Object.keys(kernels),
    uninstall() {
      remove();
      if (installed === installation) installed = undefined;
    },
  };
  installed = installation;
  return installation;
}

const stockKernel = (name: string): KernelFunc => wasmKernel(name, 'installWasmGradients');
