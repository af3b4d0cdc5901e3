import { initialize, lenet5, sequence } from '@pare/architectures';
import { type Layer, type Model, seededRandom } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from './backend.ts';
import { buildLayersModel } from './build-model.ts';
import { denseFromTfjs, denseToTfjs, kernelFromTfjs, kernelToTfjs } from './layouts.ts';
import { logits } from './network.ts';
import { readLayersModel } from './read-model.ts';

beforeAll(startWasm);

const random = seededRandom(1);
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.float() - 0.5);

/** What `logits` makes of a batch, which takes [N, C, H, W] and keeps weights in the house's layout. */
function plainly(model: Model, values: Float32Array, shape: [number, number, number, number]): Float32Array {
  return tf.tidy(() => {
    const weights = new Map(
      model.weights.map((w) => [
        w.name,
        tf.tensor('values' in w.form ? w.form.values : new Float32Array(0), [...w.shape]),
      ]),
    );
    return logits(model.layers, (name) => weights.get(name)!, tf.tensor4d(values, shape))
      .dataSync<'float32'>()
      .slice();
  });
}

/** What a LayersModel makes of the same batch. */
function asLayers(built: tfl.LayersModel, values: Float32Array, shape: [number, number, number, number]): Float32Array {
  return tf.tidy(() => {
    const input = tf.transpose(tf.tensor4d(values, shape), [0, 2, 3, 1]);
    return (built.predict(input) as tf.Tensor).dataSync<'float32'>().slice();
  });
}

function expectClose(actual: Float32Array, expected: Float32Array): void {
  const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  // Two orders of summing 800 products of float32: 800 · 2⁻²⁴ ≈ 5e-5 of the largest.
  for (const [i, value] of actual.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(5e-5 * largest);
}

describe('layouts', () => {
  test('of convolution kernels put [k, c, r, s] at [r, s, c, k], and back', () => {
    const values = Float32Array.from({ length: 2 * 3 * 2 * 1 }, (_, i) => i); // K 2, C 3, R 2, S 1
    const tfjs = kernelToTfjs(values, [2, 3, 2, 1]);
    const at = (k: number, c: number, r: number): number => tfjs[(r * 3 + c) * 2 + k]!;
    expect([at(0, 0, 0), at(0, 0, 1), at(0, 1, 0), at(1, 2, 1)]).toEqual([0, 1, 2, 11]);
    expect(kernelFromTfjs(tfjs, [2, 1, 3, 2])).toEqual(values);
  });

  test('of dense kernels take the columns from C·H·W to H·W·C order, and back', () => {
    const values = Float32Array.from({ length: 2 * 6 }, (_, i) => i); // K 2, C 2, H·W 3
    const tfjs = denseToTfjs(values, 2, 2, 3);
    expect([...tfjs]).toEqual([0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11]);
    expect(denseFromTfjs(tfjs, 2, 2, 3)).toEqual(values);
  });
});

describe('buildLayersModel', () => {
  test('computes what the layers say, through convolution, pool, flatten and dense', () => {
    const model = initialize(lenet5(), random.fork('lenet'), 'lenet-5');
    const built = buildLayersModel(model);
    expect(built.countParams()).toBe(431_080);
    const batch = draw(3 * 784);
    expectClose(asLayers(built, batch, [3, 1, 28, 28]), plainly(model, batch, [3, 1, 28, 28]));
    built.dispose();
  });

  test('keeps strides and padding', () => {
    const layers = sequence(
      [2, 7, 7],
      [
        { kind: 'conv2d', name: 'conv', filters: 3, kernelSize: 3, stride: 2, padding: 1 },
        { kind: 'relu', name: 'relu' },
        { kind: 'pool', name: 'pool', mode: 'average', size: 2 },
        { kind: 'flatten', name: 'flatten' },
        { kind: 'dense', name: 'ip', units: 4 },
      ],
    );
    const model = initialize(layers, random.fork('strided'));
    const built = buildLayersModel(model);
    const batch = draw(2 * 2 * 49);
    expectClose(asLayers(built, batch, [2, 2, 7, 7]), plainly(model, batch, [2, 2, 7, 7]));
    built.dispose();
  });

  test('names what tfjs cannot express', () => {
    const grouped = initialize(
      sequence([2, 4, 4], [{ kind: 'conv2d', name: 'conv2', filters: 2, kernelSize: 1, groups: 2 }]),
      random,
    );
    expect(() => buildLayersModel(grouped)).toThrow('tfjs\'s conv2d has no groups, "conv2" has 2');
    const partial = sequence([1, 6, 6], [{ kind: 'pool', name: 'pool1', size: 3, stride: 2, rounding: 'ceil' }]);
    expect(() => buildLayersModel({ layers: partial, weights: [], history: [] })).toThrow(
      'tfjs\'s pools leave out partial windows, "pool1" counts them',
    );
  });
});

describe('readLayersModel', () => {
  test('brings back what buildLayersModel was given', () => {
    const model = initialize(lenet5(), random.fork('round trip'), 'lenet-5');
    const built = buildLayersModel(model);
    const read = readLayersModel(built);
    expect(read.weights).toEqual(model.weights);
    const plain = (layers: readonly Layer[]): unknown[] =>
      layers.map((l) => (l.kind === 'input' ? { ...l, preprocess: undefined } : l));
    expect(plain(read.layers)).toEqual(plain(model.layers));
    built.dispose();
  });

  test('reads a Sequential model with activations inside layers and "same" padding', () => {
    const source = tfl.sequential({
      layers: [
        tfl.layers.conv2d({
          inputShape: [6, 5, 2],
          filters: 3,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
          name: 'conv',
        }),
        tfl.layers.maxPooling2d({ poolSize: 2, name: 'pool' }),
        tfl.layers.flatten({ name: 'flatten' }),
        tfl.layers.dropout({ rate: 0.5, name: 'dropout' }),
        tfl.layers.dense({ units: 4, useBias: false, name: 'ip' }),
      ],
    });
    const model = readLayersModel(source);
    expect(model.layers.map((layer) => `${layer.kind} ${layer.name}`)).toEqual([
      'input data',
      'conv2d conv',
      'relu conv/relu',
      'pool pool',
      'flatten flatten',
      'dense ip',
    ]);
    const batch = draw(2 * 2 * 30);
    expectClose(plainly(model, batch, [2, 2, 6, 5]), asLayers(source, batch, [2, 2, 6, 5]));
    source.dispose();
  });

  test.each(['same', 'valid'] as const)('puts zero padding into a convolution of padding "%s" after it', (padding) => {
    const source = tfl.sequential({
      layers: [
        tfl.layers.zeroPadding2d({
          inputShape: [6, 5, 2],
          padding: [
            [1, 0],
            [2, 1],
          ],
        }),
        tfl.layers.dropout({ rate: 0.5 }),
        tfl.layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding, name: 'conv' }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 4 }),
      ],
    });
    const model = readLayersModel(source);
    expect(model.layers.map(({ kind }) => kind)).toEqual(['input', 'conv2d', 'flatten', 'dense']);
    const batch = draw(2 * 2 * 30);
    expectClose(plainly(model, batch, [2, 2, 6, 5]), asLayers(source, batch, [2, 2, 6, 5]));
    source.dispose();
  });

  // Once lost without a word, so that shapes and numbers were those of another network.
  test.each([
    [
      'before flatten',
      () => tfl.layers.flatten({ name: 'next' }),
      '"next": zero padding before a layer of class Flatten',
    ],
    ['before ReLU', () => tfl.layers.reLU({ name: 'next' }), '"next": zero padding before a layer of class ReLU'],
    [
      'before an activation',
      () => tfl.layers.activation({ activation: 'relu', name: 'next' }),
      '"next": zero padding before a layer of class Activation',
    ],
    [
      'before a pool',
      () => tfl.layers.maxPooling2d({ poolSize: 2, name: 'next' }),
      '"next": zero padding before a layer of class MaxPooling2D',
    ],
    ['at the end', () => tfl.layers.dropout({ rate: 0.5, name: 'end' }), '"end": zero padding at the end'],
  ] as const)('refuses zero padding %s', (_, next, complaint) => {
    const source = tfl.sequential({ layers: [tfl.layers.zeroPadding2d({ inputShape: [4, 4, 1] }), next()] });
    expect(() => readLayersModel(source)).toThrow(complaint);
    source.dispose();
  });

  const inputShape = [2, 4, 4];
  const dataFormat = 'channelsFirst';
  test.each([
    ['conv2d', () => tfl.layers.conv2d({ inputShape, dataFormat, filters: 1, kernelSize: 2, name: 'first' })],
    ['maxPooling2d', () => tfl.layers.maxPooling2d({ inputShape, dataFormat, poolSize: 2, name: 'first' })],
    ['averagePooling2d', () => tfl.layers.averagePooling2d({ inputShape, dataFormat, poolSize: 2, name: 'first' })],
    ['zeroPadding2d', () => tfl.layers.zeroPadding2d({ inputShape, dataFormat, name: 'first' })],
    ['flatten', () => tfl.layers.flatten({ inputShape, dataFormat, name: 'first' })],
  ] as const)('refuses %s of channels first', (_, first) => {
    const source = tfl.sequential({ layers: [first()] });
    expect(() => readLayersModel(source)).toThrow(
      'layer "first": the data format "channelsFirst" is not supported yet',
    );
    source.dispose();
  });

  test('names the layer it cannot hold', () => {
    const source = tfl.sequential({
      layers: [tfl.layers.dense({ inputShape: [2], units: 2, activation: 'tanh', name: 'ip' })],
    });
    expect(() => readLayersModel(source)).toThrow('layer "ip/tanh": the activation "tanh" is not supported yet');
    source.dispose();
  });
});
