import * as tf from '@tensorflow/tfjs-core';
import { installWasmGradients } from './wasm-gradients.ts';

/**
 * Starts tfjs's wasm backend ready for training: loads it, waits for it, and installs the gradient kernels that it lacks.
 *
 * In plain Node nothing else is needed; in a browser call `setWasmPaths` of the backend first if its files lie elsewhere.
 *
 * @throws Error if the backend cannot start
 */
export async function startWasm(): Promise<void> {
  // Loaded here and not above, so that importing `@pare/tfjs` registers nothing by itself (its test: index.test.ts).
  await import('@tensorflow/tfjs-layers'); // registers the gradients of core's operations
  await import('@tensorflow/tfjs-backend-wasm');
  if (!(await tf.setBackend('wasm'))) {
    throw new Error(
      'startWasm: the wasm backend did not start; in a browser, check setWasmPaths and that the .wasm files are served',
    );
  }
  await tf.ready();
  installWasmGradients();
}
