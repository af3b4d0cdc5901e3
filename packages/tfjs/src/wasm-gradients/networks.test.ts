import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from '../../test/backends.ts';
import { installWasmGradients } from './install.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await startWasm();
});

type Layers = () => { apply(x: SymbolicTensor): unknown }[];

/** What ordinary image networks are made of, by the backward pass that each needs. */
const networks: Readonly<Record<string, Layers>> = {
  'convolutions, pools and dense layers': () => [
    layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', strides: 2, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 3, strides: 1 }),
    layers.averagePooling2d({ poolSize: 2, strides: 1 }),
    layers.flatten(),
    layers.dense({ units: 7, activation: 'tanh', kernelRegularizer: 'l1l2' }),
  ],
  'batch normalisation': () => [
    layers.conv2d({ filters: 6, kernelSize: 3, useBias: false }),
    layers.batchNormalization(),
    layers.reLU({ maxValue: 6 }),
    layers.globalAveragePooling2d({}),
  ],
  'depthwise and separable convolutions': () => [
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same' }),
    layers.leakyReLU(),
    layers.separableConv2d({ filters: 5, kernelSize: 3, strides: 2 }),
    layers.prelu(),
    layers.globalMaxPooling2d({}),
  ],
  'transposed convolutions': () => [
    layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
    layers.elu(),
    layers.flatten(),
    layers.layerNormalization(),
  ],
};

describe.each(['simd', 'composed'] as const)('on the %s path', (path) => {
  beforeAll(() => {
    installWasmGradients({ path });
  });
  afterAll(() => installWasmGradients({ path }).uninstall());

  test.each(Object.keys(networks))('%s train as on the cpu backend', async (name) => {
    const start: Float32Array[] = [];
    const [cpu, wasm] = [await trained('cpu', networks[name]!, start), await trained('wasm', networks[name]!, start)];
    // A step is η = 0.1 times a gradient. A gradient is a sum of at most 6 · 8 · 8 = 384 products, behind at most 5 layers
    // like it; their relative errors of 384 · 2⁻²⁴ = 2.3e-5 add up to 1.2e-4. Gradients here are below 1: 1.2e-5, two steps.
    wasm.forEach((value, i) => void expect(Math.abs(value - cpu[i]!)).toBeLessThan(2.4e-5));
    const moved = start.flatMap((values) => [...values]).filter((value, i) => Math.abs(value - wasm[i]!) > 1e-4);
    expect(moved.length).toBeGreaterThan(wasm.length / 4); // the rest sits behind zeros of ReLU and pools
  });
});

/** All weights after two steps on a backend. The first call fills `start` with the weights to begin with. */
async function trained(backend: string, make: Layers, start: Float32Array[]): Promise<Float32Array> {
  await tf.setBackend(backend);
  const image = input({ shape: [8, 8, 3] });
  let y: SymbolicTensor = image;
  for (const layer of [...make(), layers.dense({ units: 4, activation: 'softmax' })])
    y = layer.apply(y) as SymbolicTensor;
  const network = model({ inputs: image, outputs: y });
  network.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
  const weights = network.getWeights();
  if (start.length === 0) start.push(...weights.map((weight) => Float32Array.from(weight.dataSync<'float32'>())));
  network.setWeights(weights.map((weight, i) => tf.tensor(start[i]!, weight.shape)));
  const images = tf.randomUniform([6, 8, 8, 3], -1, 1, 'float32', 3);
  const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 0, 1], 'int32'), 4);
  for (let step = 0; step < 2; step++) await network.trainOnBatch(images, labels);
  return Float32Array.from(network.getWeights().flatMap((weight) => [...weight.dataSync<'float32'>()]));
}
