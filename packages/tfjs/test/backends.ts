import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** Starts the wasm backend in plain Node, and makes it the current one. */
export async function startWasm(): Promise<void> {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
}

/** The values of what `compute` gives on a backend; −0 counts as 0. Leaks of tensors are errors. */
export function valuesOn(backend: 'cpu' | 'wasm', compute: () => tf.Tensor): Float32Array {
  tf.setBackend(backend); // both have started, so that this takes effect at once
  const before = tf.memory().numTensors;
  const result = tf.tidy(compute);
  const values = (result.dataSync() as Float32Array).map((value) => value + 0);
  result.dispose();
  const after = tf.memory().numTensors;
  if (after !== before) throw new Error(`${after - before} tensors leaked on ${backend}`);
  return values;
}

/**
 * Whole numbers in [−limit, limit] that look like chance.
 *
 * Sums of products of small whole numbers are exact in float32 below 2^24, in whatever order they are taken, so that two
 * implementations must agree to the last bit and a test needs no tolerance.
 */
export function wholeNumbers(shape: readonly number[], seed: number, limit = 3): tf.Tensor4D {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // the generator of Numerical Recipes, high bits
    return ((state >>> 16) % (2 * limit + 1)) - limit;
  };
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(Float32Array.from({ length: count }, next), shape as [number, number, number, number]);
}
