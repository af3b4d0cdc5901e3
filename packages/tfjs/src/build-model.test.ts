import { initialize, lenet5, sequence } from '@pare/architectures';
import { type Layer, type Model, seededRandom } from '@pare/core';
import { same } from '@pare/testkit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from './backend.ts';
import { buildLayersModel } from './build-model.ts';
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

  test('counts partial windows of a max-pool where nothing is negative', () => {
    const layers = sequence(
      [2, 8, 7],
      [
        { kind: 'conv2d', name: 'conv', filters: 4, kernelSize: 3, groups: 2 },
        { kind: 'relu', name: 'relu' },
        { kind: 'pool', name: 'pool', size: 4, stride: 2, rounding: 'ceil' },
        { kind: 'flatten', name: 'flatten' },
      ],
    );
    expect(layers.at(-2)!.outputShape).toEqual([4, 2, 2]);
    const model = initialize(layers, random.fork('ceil'));
    const built = buildLayersModel(model);
    const batch = draw(2 * 2 * 56);
    const expected = plainly(model, batch, [2, 2, 8, 7]);
    // tfjs flattens [H, W, C] where the house flattens [C, H, W].
    const flat = asLayers(built, batch, [2, 2, 8, 7]);
    const inHouse = flat.map((_, i) => flat[16 * Math.floor(i / 16) + (i % 4) * 4 + Math.floor((i % 16) / 4)]!);
    expectClose(inHouse, expected);
    built.dispose();
  });

  test('names what tfjs cannot express', () => {
    const grouped = initialize(
      sequence([4, 4, 4], [{ kind: 'conv2d', name: 'conv2', filters: 4, kernelSize: 1, groups: 2 }]),
      random,
    );
    expect(() => buildLayersModel(grouped)).toThrow('layer "conv2": a convolution of 2 groups over 4 channels');
    const partial = sequence([1, 7, 7], [{ kind: 'pool', name: 'pool1', size: 4, stride: 2, rounding: 'ceil' }]);
    expect(() => buildLayersModel({ layers: partial, weights: [], history: [] })).toThrow(
      'layer "pool1": a max-pool with such padding or partial windows over numbers that may be negative',
    );
  });
});

describe('readLayersModel', () => {
  test('brings back what buildLayersModel was given', () => {
    const model = initialize(lenet5(), random.fork('round trip'), 'lenet-5');
    const built = buildLayersModel(model);
    const read = readLayersModel(built);
    expect(same(read.weights, model.weights)).toBe(true);
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
    ['flatten', () => tfl.layers.flatten({ name: 'next' }), ['ZeroPadding2D', 'flatten']],
    ['ReLU', () => tfl.layers.reLU({ name: 'next' }), ['ZeroPadding2D', 'relu']],
    ['a pool of what may be negative', () => tfl.layers.maxPooling2d({ poolSize: 2 }), ['ZeroPadding2D', 'pool']],
    ['nothing', () => tfl.layers.dropout({ rate: 0.5, name: 'end' }), ['ZeroPadding2D']],
  ] as const)('keeps zero padding before %s as a foreign layer', (_, next, kinds) => {
    const source = tfl.sequential({ layers: [tfl.layers.zeroPadding2d({ inputShape: [4, 4, 1] }), next()] });
    const { layers } = readLayersModel(source);
    expect(layers.slice(1).map((layer) => (layer.kind === 'foreign' ? layer.operation : layer.kind))).toEqual(kinds);
    expect(layers[1]!.outputShape).toEqual([1, 6, 6]);
    source.dispose();
  });

  const inputShape = [2, 4, 4];
  const dataFormat = 'channelsFirst';
  test.each([
    ['Conv2D', () => tfl.layers.conv2d({ inputShape, dataFormat, filters: 1, kernelSize: 2, name: 'first' })],
    ['MaxPooling2D', () => tfl.layers.maxPooling2d({ inputShape, dataFormat, poolSize: 2, name: 'first' })],
    ['ZeroPadding2D', () => tfl.layers.zeroPadding2d({ inputShape, dataFormat, name: 'first' })],
    ['Flatten', () => tfl.layers.flatten({ inputShape, dataFormat, name: 'first' })],
  ] as const)('keeps a %s of channels first as a foreign layer, with its weights', (operation, first) => {
    const source = tfl.sequential({ layers: [first()] });
    const { layers, weights } = readLayersModel(source);
    expect(layers[1]).toMatchObject({ kind: 'foreign', name: 'first', operation });
    expect(weights.map(({ name }) => name)).toEqual(operation === 'Conv2D' ? ['first/kernel', 'first/bias'] : []);
    source.dispose();
  });
});
