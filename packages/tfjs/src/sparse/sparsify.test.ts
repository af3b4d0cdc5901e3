import { initialize, sequence } from '@pare/architectures';
import { run, seededRandom } from '@pare/core';
import { magnitudePrune } from '@pare/pruning';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from '../backend.ts';
import { buildLayersModel } from '../build-model.ts';
import { installSparseKernels } from './install.ts';
import { sparsify } from './sparsify.ts';

beforeAll(startWasm);
afterEach(() => installSparseKernels().uninstall());

const random = seededRandom(7);
/** Numbers of which so many are not zero. */
const numbers = (shape: number[], density = 1): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
      random.float() < density ? random.normal() : 0,
    ),
    shape,
  );

/** The largest difference, relative to the largest number. */
function distance(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  const most = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0) / most;
}

/** What an operation gives before and while its weight is sparse. */
function bothWays(weight: tf.Tensor, operation: () => tf.Tensor) {
  const read = (): Float32Array => tf.tidy(() => operation().dataSync().slice()) as Float32Array;
  const dense = read();
  const sparsified = sparsify({ weights: { weight: [weight] } }, { maxDensity: 1, kernels: 'sparse' });
  const sparse = read();
  const choices = sparsified.choices.map(({ kernel }) => kernel);
  sparsified.dispose();
  expect(distance(read(), dense)).toBe(0);
  return { dense, sparse, choices };
}

describe('sparsify', () => {
  test('convolutions of any shape give what dense ones give', () => {
    for (let i = 0; i < 40; i++) {
      const pick = (most: number): number => 1 + random.integer(most);
      const [channels, filters, rows, columns] = [pick(9), pick(9), pick(4), pick(4)];
      const [height, width] = [rows + random.integer(12), columns + random.integer(12)];
      const stride: [number, number] = [pick(2), pick(2)];
      const dilation = stride[0] * stride[1] === 1 && height > 2 * rows && width > 2 * columns ? pick(2) : 1;
      // A stride beyond the filter with padding is wrong in tfjs 4.22 itself.
      const pad = stride[0] <= rows && stride[1] <= columns && random.integer(2) === 0 ? 'same' : 'valid';
      const x = numbers([pick(3), height, width, channels]) as tf.Tensor4D;
      const w = numbers([rows, columns, channels, filters], random.float()) as tf.Tensor4D;
      const bias = numbers([filters]);
      const activation = (['linear', 'relu', 'relu6'] as const)[random.integer(3)]!;
      const { dense, sparse, choices } = bothWays(w, () =>
        tf.fused.conv2d({ x, filter: w, strides: stride, pad, dilations: dilation, bias, activation }),
      );
      expect(choices).toEqual(['sparse-conv2d']);
      expect(distance(sparse, dense), `${x.shape} * ${w.shape}, stride ${stride}, ${pad}`).toBeLessThan(1e-5);
      tf.dispose([x, w, bias]);
    }
  });

  test('products of any shape give what dense ones give', () => {
    for (let i = 0; i < 40; i++) {
      const [batch, columns, rows] = [1 + random.integer(9), 1 + random.integer(90), 1 + random.integer(90)];
      const a = numbers([batch, columns]) as tf.Tensor2D;
      const b = numbers([columns, rows], 0.05 + 0.3 * random.float()) as tf.Tensor2D;
      const bias = numbers([rows]);
      const { dense, sparse } = bothWays(b, () => tf.fused.matMul({ a, b, bias, activation: 'relu' }));
      expect(distance(sparse, dense), `${a.shape} · ${b.shape}`).toBeLessThan(1e-5);
      tf.dispose([a, b, bias]);
    }
  });

  test('chooses by the clock, tells what it chose, and leaves no tensors behind', async () => {
    const layers = sequence(
      [8, 20, 20],
      [
        { kind: 'conv2d', name: 'conv1', filters: 16, kernelSize: 3, padding: 1 },
        { kind: 'relu', name: 'relu1' },
        { kind: 'conv2d', name: 'conv2', filters: 24, kernelSize: 1 },
        { kind: 'flatten', name: 'flatten' },
        { kind: 'dense', name: 'ip', units: 100 },
      ],
    );
    const pruned = await run(initialize(layers, seededRandom(1)), [magnitudePrune({ keep: 0.1 })], {
      random: seededRandom(1),
    });
    const model = buildLayersModel(pruned);
    const x = numbers([1, 20, 20, 8]);
    const predict = (): Float32Array =>
      tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync().slice()) as Float32Array;
    const dense = predict();
    const before = tf.memory().numTensors;
    const sparsified = sparsify(model);
    expect(sparsified.weights.map(({ name }) => name)).toEqual(['conv1/kernel', 'conv2/kernel', 'ip/kernel']);
    expect(sparsified.weights[2]!.density).toBeCloseTo(0.1, 3);
    expect(sparsified.choices).toEqual([]);
    expect(distance(predict(), dense)).toBeLessThan(1e-4);
    expect(sparsified.choices).toHaveLength(3);
    for (const { kernel, milliseconds } of sparsified.choices) {
      const { tfjs, ours } = milliseconds!;
      expect(kernel === 'tfjs').toBe(ours >= tfjs);
    }
    predict();
    expect(sparsified.choices).toHaveLength(3); // once for each shape of input
    expect(tf.memory().numTensors).toBe(before);
    sparsified.dispose();
    expect(distance(predict(), dense)).toBe(0);
    model.dispose();
    x.dispose();
  });

  test('gradients are those of the dense weights', () => {
    const x = numbers([1, 6, 6, 3]) as tf.Tensor4D;
    const w = numbers([3, 3, 3, 4], 0.2) as tf.Tensor4D;
    const slope = tf.grad((input) => tf.sum(tf.conv2d(input as tf.Tensor4D, w, 1, 'valid')));
    const { dense, sparse } = bothWays(w, () => slope(x));
    expect(distance(sparse, dense)).toBeLessThan(1e-5);
    tf.dispose([x, w]);
  });

  test('a weight that is replaced is dense again', () => {
    const a = numbers([1, 30]) as tf.Tensor2D;
    const weight = tf.variable(numbers([30, 20], 0.1)) as tf.Variable<tf.Rank.R2>;
    const sparsified = sparsify({ weights: [{ name: 'w', read: () => weight }] }, { kernels: 'sparse' });
    const product = (): Float32Array => tf.tidy(() => tf.matMul(a, weight).dataSync().slice()) as Float32Array;
    product();
    weight.assign(tf.ones([30, 20]));
    const sum = [...a.dataSync()].reduce((total, value) => total + value, 0);
    expect(distance(product(), new Float32Array(20).fill(sum))).toBeLessThan(1e-5);
    sparsified.dispose();
    tf.dispose([a, weight]);
  });

  test('a bias that is replaced while its weight stays is the one that is added', () => {
    const x = numbers([1, 5, 5, 3]) as tf.Tensor4D;
    const filter = numbers([3, 3, 3, 4], 0.2) as tf.Tensor4D;
    const bias = tf.variable(numbers([4])) as tf.Variable<tf.Rank.R1>;
    const convolved = (): Float32Array =>
      tf.tidy(() => tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias }).dataSync().slice()) as Float32Array;
    const sparsified = sparsify({ weights: { filter: [filter] } }, { kernels: 'sparse' });
    convolved();
    bias.assign(tf.tensor1d([1, 2, 3, 4])); // as fine-tuning of biases alone does
    const [while_, choices] = [convolved(), sparsified.choices.map(({ kernel }) => kernel)];
    sparsified.dispose();
    expect(distance(while_, convolved())).toBeLessThan(1e-5);
    expect(choices).toEqual(['sparse-conv2d', 'tfjs']);
    tf.dispose([x, filter, bias]);
  });

  test('one bias for all filters is refused as it is without us', () => {
    const x = numbers([1, 5, 5, 3]) as tf.Tensor4D;
    const filter = numbers([1, 1, 3, 4], 0.2) as tf.Tensor4D;
    const bias = numbers([1]);
    const convolved = () => tf.tidy(() => tf.fused.conv2d({ x, filter, strides: 1, pad: 0, bias }).dataSync().slice());
    expect(convolved).toThrow('FusedConv2D');
    const sparsified = sparsify({ weights: { filter: [filter] } }, { kernels: 'sparse' });
    expect(convolved).toThrow('FusedConv2D');
    sparsified.dispose();
    tf.dispose([x, filter, bias]);
  });

  test('a batch of nothing gives nothing', () => {
    const w = numbers([30, 20], 0.1) as tf.Tensor2D;
    const sparsified = sparsify({ weights: { w: [w] } }, { kernels: 'sparse' });
    expect(tf.tidy(() => tf.matMul(tf.zeros([0, 30]), w).shape)).toEqual([0, 20]);
    sparsified.dispose();
    w.dispose();
  });

  test('of two that sparsified a model, the first disposed of leaves the other at work', () => {
    const a = numbers([1, 30]) as tf.Tensor2D;
    const w = numbers([30, 20], 0.1) as tf.Tensor2D;
    const product = (): void => void tf.tidy(() => tf.matMul(a, w).dataSync());
    const [first, second] = [1, 2].map(() => sparsify({ weights: { w: [w] } }, { kernels: 'sparse' }));
    first!.dispose();
    product();
    expect(second!.choices).toHaveLength(1);
    expect(second!.weightBytes).toBeGreaterThan(0);
    second!.dispose();
    expect(second!.weightBytes).toBe(0);
    tf.dispose([a, w]);
  });

  test('without room for its weights a layer leaves nothing behind, and runs when there is room', () => {
    const a = numbers([1, 30]) as tf.Tensor2D;
    const w = numbers([30, 20], 0.1) as tf.Tensor2D;
    const bias = numbers([20]);
    const product = () => tf.tidy(() => tf.fused.matMul({ a, b: w, bias }).dataSync().slice()) as Float32Array;
    const expected = product();
    const { wasm } = tf.backend() as unknown as { wasm: { _malloc(bytes: number): number } };
    const { _malloc } = wasm;
    const sparsified = sparsify({ weights: { w: [w] } }, { kernels: 'sparse' });
    const before = (tf.backend() as unknown as { numDataIds(): number }).numDataIds();
    wasm._malloc = (bytes) => (bytes > 2 ** 20 ? _malloc(bytes) : 0); // room for weights, and none for what a run needs
    try {
      expect(product).toThrow('wasm memory: no room');
      wasm._malloc = () => 0;
      expect(product).toThrow('no room');
    } finally {
      wasm._malloc = _malloc;
    }
    expect((tf.backend() as unknown as { numDataIds(): number }).numDataIds()).toBe(before);
    expect(distance(product(), expected)).toBeLessThan(1e-5);
    sparsified.dispose();
    tf.dispose([a, w, bias]);
  });

  test('says what is missing', async () => {
    await tf.setBackend('cpu');
    try {
      expect(() => sparsify({ weights: {} })).toThrow(
        /the current backend is "cpu": call tf\.setBackend\('wasm'\) first/,
      );
    } finally {
      await tf.setBackend('wasm');
    }
    expect(() => sparsify({ weights: {} }, { maxDensity: 2 })).toThrow('"maxDensity" expected a number above 0');
  });
});
