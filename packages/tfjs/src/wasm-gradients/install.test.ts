import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations, which core by itself does not in Node
import { beforeAll, expect, test, vi } from 'vitest';
import { startWasm } from '../../test/backends.ts';
import { installWasmGradients } from './install.ts';

beforeAll(startWasm);

/** All kernels of the backend by name. */
const registered = () =>
  new Map(tf.getKernelsForBackend('wasm').map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]));

test('importing changes nothing; uninstalling puts everything back', () => {
  const stock = registered();
  expect(stock.has('Conv2DBackpropFilter')).toBe(false);
  const { kernelNames, uninstall } = installWasmGradients();
  const ours = registered();
  for (const name of kernelNames) expect(ours.get(name)).not.toBe(stock.get(name));
  uninstall();
  expect(registered()).toEqual(stock);
});

test('installing twice is installing once, and another path takes the place of the first', () => {
  const stock = registered();
  const warn = vi.spyOn(console, 'warn'); // tfjs warns of a kernel registered over another
  const first = installWasmGradients();
  expect(installWasmGradients()).toBe(first);
  const second = installWasmGradients({ path: 'composed' });
  expect(second.path).toBe('composed');
  first.uninstall(); // no longer in charge: nothing happens
  expect(registered().has('Conv2DBackpropFilter')).toBe(true);
  second.uninstall();
  expect(registered()).toEqual(stock);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test('the gradient of a convolution is missing before and there afterwards', () => {
  const gradient = () =>
    tf.tidy(() => {
      const x = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
      return tf
        .grad((f) => tf.sum(tf.conv2d(x, f as tf.Tensor4D, 1, 'valid')))(tf.ones([2, 2, 1, 1]))
        .dataSync();
    });
  expect(gradient).toThrow("Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'");
  const { uninstall } = installWasmGradients();
  expect([...gradient()]).toEqual([1, 1, 1, 1]);
  uninstall();
});
