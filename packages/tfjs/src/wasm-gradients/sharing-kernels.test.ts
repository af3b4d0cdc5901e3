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

test('a clone, and a cast to the same type, share memory and outlive their original', () => {
  const { numDataBuffers } = tf.memory();
  for (const copyOf of [(x: tf.Tensor) => tf.clone(x), (x: tf.Tensor) => tf.cast(x, 'float32')]) {
    const x = tf.tensor1d([1, 2, 3]);
    const copy = copyOf(x);
    expect(copy.dataId).toBe(x.dataId);
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers + 1);
    x.dispose();
    expect([...copy.dataSync()]).toEqual([1, 2, 3]);
    copy.dispose();
  }
  expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
});

test('a cast to another type, and a clone of texts, are what they were', () => {
  tf.tidy(() => {
    expect([...tf.cast(tf.tensor1d([1.5, -2]), 'int32').dataSync()]).toEqual([1, -2]);
    expect(tf.clone(tf.tensor1d(['a', 'b'])).dataSync()).toEqual(['a', 'b']);
  });
});

test('an operation that takes a tensor twice has the gradient of both', () => {
  const gradient = () => tf.grad((x) => tf.sum(tf.mul(tf.relu(x), tf.clone(x))))(tf.tensor1d([-1, 2, 3]));
  expect([...valuesOn('wasm', gradient)]).toEqual([...valuesOn('cpu', gradient)]);
});
