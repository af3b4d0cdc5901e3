import '@tensorflow/tfjs-backend-cpu';
import { denseWeight, elementCount, type Layer, type Model, type Shape, seededRandom, weightNames } from '@pare/core';
import { referenceForward } from '@pare/testkit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from './backend.ts';
import { fixedNetwork } from './fixed-network.ts';
import { builtinForms } from './forms.ts';
import { trainedNetwork } from './trained-network.ts';

beforeAll(startWasm);

const MAP: Shape = [6, 7, 9];
const conv = {
  kind: 'conv2d',
  kernel: 'kernel',
  bias: 'bias',
  filters: 6,
  kernelSize: [3, 3],
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  groups: 1,
  outputShape: [6, 5, 7],
} as const;
const pool = {
  kind: 'pool',
  mode: 'max',
  size: [3, 3],
  stride: [2, 2],
  padding: [0, 0, 0, 0],
  rounding: 'floor',
  outputShape: [6, 3, 4],
} as const;
const lrn = { kind: 'lrn', size: 5, alpha: 2, beta: 0.75, k: 1, outputShape: MAP } as const;
const norm = { kind: 'batchnorm', mean: 'mean', variance: 'variance', epsilon: 1e-3, outputShape: MAP } as const;
const activation = { kind: 'activation', outputShape: MAP } as const;

type Bare = Layer extends infer L ? (L extends Layer ? Omit<L, 'name' | 'inputs'> : never) : never;

/** One layer of every kind, of a map [6, 7, 9]; windows that start, end and step differently along each axis. */
const LAYERS: Readonly<Record<string, Bare>> = {
  convolution: conv,
  'convolution without bias': (({ bias: _, ...rest }) => rest)(conv),
  'convolution with uneven padding': { ...conv, padding: [1, 0, 2, 1], outputShape: [6, 6, 10] },
  'convolution with strides': { ...conv, stride: [2, 3], padding: [1, 1, 0, 0], outputShape: [6, 4, 3] },
  'convolution with dilation': { ...conv, dilation: [2, 3], padding: [0, 1, 0, 0], outputShape: [6, 4, 3] },
  'convolution with dilation and strides': { ...conv, dilation: [2, 1], stride: [2, 2], outputShape: [6, 2, 4] },
  'convolution in groups': { ...conv, groups: 2, padding: [1, 1, 1, 1], outputShape: MAP },
  'depthwise convolution': { ...conv, groups: 6, padding: [1, 0, 0, 1], outputShape: [6, 6, 8] },
  'depthwise convolution, twice the channels': { ...conv, filters: 12, groups: 6, outputShape: [12, 5, 7] },
  'depthwise convolution with dilation': { ...conv, groups: 6, dilation: [2, 2], outputShape: [6, 3, 5] },
  'depthwise convolution with strides': { ...conv, groups: 6, stride: [2, 1], outputShape: [6, 3, 7] },
  dense: { kind: 'dense', kernel: 'kernel', bias: 'bias', units: 5, outputShape: [5] },
  'max pool': pool,
  'max pool, rounded up': { ...pool, size: [3, 2], rounding: 'ceil', outputShape: [6, 3, 5] },
  'max pool, rounded up, side by side': { ...pool, size: [2, 2], rounding: 'ceil', outputShape: [6, 4, 5] },
  'max pool with padding': { ...pool, padding: [1, 0, 0, 1], rounding: 'ceil', outputShape: [6, 4, 5] },
  'average pool': { ...pool, mode: 'average' },
  'average pool, rounded up': { ...pool, mode: 'average', size: [2, 2], rounding: 'ceil', outputShape: [6, 4, 5] },
  'average pool with padding': { ...pool, mode: 'average', padding: [1, 2, 0, 1], outputShape: [6, 4, 4] },
  'average of all': { ...pool, mode: 'average', size: [7, 9], outputShape: [6, 1, 1] },
  relu: { kind: 'relu', outputShape: MAP },
  flatten: { kind: 'flatten', outputShape: [elementCount(MAP)] },
  'local response normalisation': lrn,
  'local response normalisation of single channels': { ...lrn, size: 1, k: 2, beta: 1 },
  'batch normalisation': norm,
  'batch normalisation, scaled and shifted': { ...norm, gamma: 'gamma', beta: 'beta' },
  add: { kind: 'add', outputShape: MAP },
  concat: { kind: 'concat', outputShape: [12, 7, 9] },
  relu6: { ...activation, function: 'relu6' },
  sigmoid: { ...activation, function: 'sigmoid' },
  tanh: { ...activation, function: 'tanh' },
  elu: { ...activation, function: 'elu' },
  'scaled elu': { ...activation, function: 'elu', alpha: 0.7 },
  'hard sigmoid': { ...activation, function: 'hardSigmoid' },
  'hard swish': { ...activation, function: 'hardSwish' },
  swish: { ...activation, function: 'swish' },
  gelu: { ...activation, function: 'gelu' },
  'leaky relu': { ...activation, function: 'leakyRelu', alpha: 0.3 },
};

function networkOf(bare: Bare): Model {
  const twice = bare.kind === 'add' || bare.kind === 'concat';
  const layer = { ...bare, name: 'layer', inputs: twice ? ['data', 'relu'] : ['data'] } as Layer;
  const random = seededRandom(2);
  const shapes: Readonly<Record<string, Shape>> = {
    kernel: layer.kind === 'conv2d' ? [layer.filters, 6 / layer.groups, 3, 3] : [5, elementCount(MAP)],
    bias: [layer.kind === 'conv2d' ? layer.filters : 5],
  };
  const weights = weightNames(layer).map(({ name }) => {
    const shape = shapes[name] ?? [6];
    const values = Float32Array.from({ length: elementCount(shape) }, () => random.normal());
    return denseWeight(name, shape, name === 'variance' ? values.map((value) => value * value) : values);
  });
  const data: Layer = { kind: 'input', name: 'data', inputs: [], outputShape: MAP };
  const relu: Layer = { kind: 'relu', name: 'relu', inputs: ['data'], outputShape: MAP };
  return { layers: twice ? [data, relu, layer] : [data, layer], weights, history: [] };
}

const random = seededRandom(3);
const image = Float32Array.from({ length: elementCount(MAP) }, () => 2 * random.normal());
const batch = (): tf.Tensor4D => tf.tensor4d([...image, ...image.map((value) => -value)], [2, 6, 7, 9]);

/** Largest difference, relative to the largest of the expected numbers. */
function worst(given: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    // A number that is not one makes every comparison false, and so must not be passed over.
    if (!(Math.abs(given[i]! - expected[i]!) <= difference)) difference = Math.abs(given[i]! - expected[i]!);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return given.length === expected.length ? difference / largest : Number.POSITIVE_INFINITY;
}

// The longest sum has 378 terms: 378 · 2⁻²⁴ = 2.3e-5 at the very most; exponentials of float32 add some units of 2⁻²⁴.
const ROUNDING = 2.5e-5;

describe.each(Object.entries(LAYERS))('%s', (_name, bare) => {
  const model = networkOf(bare);

  test.each([true, false])('computes what a plain loop does (differentiable: %s)', (differentiable) => {
    const network = fixedNetwork(model, builtinForms);
    const before = tf.memory().numTensors;
    const given = tf.tidy(() => network.logits(batch(), { differentiable }).dataSync<'float32'>());
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
    const expected = [image, image.map((value) => -value)].flatMap((x) => [...referenceForward(model, x)]);
    expect(worst(given, expected)).toBeLessThan(ROUNDING);
  });

  test('has the gradient that the cpu backend gives', () => {
    // Weights of the outputs that no symmetry can hide behind.
    const gradient = (): Float32Array => {
      const network = fixedNetwork(model, builtinForms);
      const values = tf.tidy(() => {
        const loss = (x: tf.Tensor): tf.Scalar => {
          const y = network.logits(x as tf.Tensor4D);
          return tf.sum(tf.mul(y, tf.reshape(tf.sin(tf.range(0, y.size)), y.shape)));
        };
        return tf.grad(loss)(batch()).dataSync<'float32'>().slice();
      });
      network.dispose();
      return values;
    };
    const given = gradient();
    tf.setBackend('cpu');
    const expected = gradient();
    tf.setBackend('wasm');
    expect(worst(given, expected)).toBeLessThan(ROUNDING);
    expect(given.some((value) => value !== 0)).toBe(true);
  });
});

describe.each(Object.entries(LAYERS).filter(([, bare]) => 'kernel' in bare))('%s', (_name, bare) => {
  test('has the gradients of its weights that the cpu backend gives', () => {
    const model = networkOf(bare);
    const gradients = (): number[] => {
      const network = trainedNetwork(model, builtinForms);
      const values = tf.tidy(() => {
        const loss = (): tf.Scalar => {
          const y = network.logits(batch());
          return tf.sum(tf.mul(y, tf.reshape(tf.sin(tf.range(0, y.size)), y.shape)));
        };
        const { grads } = tf.variableGrads(loss, network.variables);
        return network.variables.flatMap(({ name }) => [...grads[name]!.dataSync()]);
      });
      network.dispose();
      return values;
    };
    const given = gradients();
    tf.setBackend('cpu');
    const expected = gradients();
    tf.setBackend('wasm');
    expect(worst(given, expected)).toBeLessThan(ROUNDING);
  });
});

test('average pools with partial windows have the gradient of their output', () => {
  // tfjs's own gradient of such pools is wrong on every backend: here differences of the output judge.
  const model = networkOf({
    ...pool,
    mode: 'average',
    size: [2, 2],
    padding: [1, 0, 0, 1],
    rounding: 'ceil',
    outputShape: [6, 4, 5],
  });
  const network = fixedNetwork(model, builtinForms);
  const sum = (x: tf.Tensor): tf.Scalar => {
    const y = network.logits(x as tf.Tensor4D);
    return tf.sum(tf.mul(y, tf.reshape(tf.sin(tf.range(0, y.size)), y.shape)));
  };
  const one = tf.tensor4d(image, [1, ...MAP] as [number, number, number, number]);
  const gradient = tf.tidy(() => tf.grad(sum)(one).dataSync<'float32'>());
  const weights = Array.from({ length: 120 }, (_, i) => Math.sin(i));
  for (const at of [0, 5, 8, 62, 100, elementCount(MAP) - 1]) {
    const unit = Float32Array.from(image, (_, i) => (i === at ? 1 : 0));
    const expected = referenceForward(model, unit).reduce((total, value, i) => total + value * weights[i]!, 0);
    expect(gradient[at]).toBeCloseTo(expected, 5);
  }
  one.dispose();
  network.dispose();
});

test('a foreign layer is refused by name', () => {
  const model = networkOf({ kind: 'foreign', operation: 'Einsum', outputShape: MAP });
  const network = fixedNetwork(model, builtinForms);
  expect(() => tf.tidy(() => network.logits(batch()))).toThrow(
    new RangeError('logits: layer "layer" is foreign (Einsum) and cannot be run here'),
  );
});
