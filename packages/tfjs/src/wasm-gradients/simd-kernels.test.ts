import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations, which core by itself does not in Node
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWasm, valuesOn } from '../../test/backends.ts';
import { installWasmGradients } from './install.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await startWasm();
  installWasmGradients();
});
afterAll(() => installWasmGradients().uninstall());

test.each([
  [[2, 3, 4, 7], [3, 1, 3], 3],
  [[5, 6], 3, 1],
  [[5, 6], [4, -1], -1],
  [[4, 6], 2, 0],
])('parts of [%s] cut into %s along axis %i are those of the cpu backend', (shape, sizes, axis) => {
  const count = shape.reduce((a, b) => a * b, 1);
  const parts = Array.isArray(sizes) ? sizes.length : sizes;
  for (let part = 0; part < parts; part++) {
    const compute = () => tf.split(tf.reshape(tf.range(0, count), shape), sizes, axis)[part]!;
    expect(valuesOn('wasm', compute)).toEqual(valuesOn('cpu', compute));
  }
});
