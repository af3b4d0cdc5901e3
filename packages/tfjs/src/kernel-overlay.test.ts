import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, expect, test } from 'vitest';
import { startWasm } from '../test/backends.ts';
import { overlayKernels, wasmKernel } from './kernel-overlay.ts';
import { installSparseKernels } from './sparse/install.ts';
import { sparsify } from './sparse/sparsify.ts';
import { installWasmGradients } from './wasm-gradients/install.ts';

/** All kernels of the backend by name. */
const registered = () => new Map(tf.getKernelsForBackend('wasm').map((config) => [config.kernelName, config]));
const before = registered();
const product = wasmKernel('BatchMatMul', 'test');
const uncover = overlayKernels({
  BatchMatMul(call) {
    transposed += Number(call.attrs?.transposeA);
    return product(call);
  },
});
const stock = registered();
afterAll(() => {
  uncover();
  expect(registered()).toEqual(before);
});

test('kernels that were put over others before the backend starts find these ready', async () => {
  const installed = [installSparseKernels(), installWasmGradients()];
  await startWasm();
  const x = tf.ones<tf.Rank.R4>([1, 3, 3, 1]);
  expect([...tf.conv2d(x, tf.ones([2, 2, 1, 5]), 1, 'valid').dataSync()]).toEqual(new Array(20).fill(4));
  expect([...tf.sum(tf.clone(x)).dataSync()]).toEqual([9]);
  for (const { uninstall } of installed) uninstall();
});

/** Products of transposed matrices that came down to the bottom: with the kernels of training none does. */
let transposed = 0;

/** Whether sparse kernels are at work, and whether gradients of a filter are. */
function atWork(): { sparse: boolean; gradients: boolean } {
  const [a, w] = [tf.ones<tf.Rank.R2>([1, 8]), tf.ones<tf.Rank.R2>([8, 4])];
  const kernelsBefore = tf.getKernelsForBackend('wasm');
  const model = sparsify({ weights: { w: [w] } }, { maxDensity: 1, kernels: 'sparse' });
  // `sparsify` installs; whether that was needed tells whether they were there.
  const isThere = kernelsBefore.every((config) => tf.getKernel(config.kernelName, 'wasm') === config);
  tf.matMul(a, w).dispose();
  expect(model.choices).toHaveLength(1);
  model.dispose();
  if (!isThere) installSparseKernels().uninstall();
  transposed = 0;
  tf.matMul(w, a, true, true).dispose();
  const filterGradient = tf.getKernel('Conv2DBackpropFilter', 'wasm') as tf.KernelConfig | undefined;
  expect(filterGradient === undefined).toBe(transposed > 0);
  return { sparse: isThere, gradients: transposed === 0 };
}

test.each([
  ['sparse', 'gradients', 'sparse'],
  ['sparse', 'gradients', 'gradients'],
  ['gradients', 'sparse', 'sparse'],
  ['gradients', 'sparse', 'gradients'],
] as const)('%s, %s over them, %s taken off: the others stay at work', async (...[first, second, gone]) => {
  await startWasm();
  const install = { sparse: installSparseKernels, gradients: installWasmGradients };
  const installed = { [first]: install[first](), [second]: install[second]() } as Record<
    'sparse' | 'gradients',
    { uninstall(): void }
  >;
  expect(atWork()).toEqual({ sparse: true, gradients: true });
  installed[gone].uninstall();
  expect(atWork()).toEqual({ sparse: gone !== 'sparse', gradients: gone !== 'gradients' });
  installed[gone].uninstall(); // once more changes nothing
  installed[gone === 'sparse' ? 'gradients' : 'sparse'].uninstall();
  expect(registered()).toEqual(stock);
});
