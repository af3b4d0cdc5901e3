import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations, which core by itself does not in Node
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm, wholeNumbers } from '../../test/backends.ts';
import { adamStepInPlace, momentumStepInPlace, plainAdamStep, plainMomentumStep } from './optimizer-step.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await startWasm();
});

/** Numbers in [−1, 1]: hundredths, so that they are rounded in float32 as weights are. */
const weightsLike = (shape: number[], seed: number) => tf.tidy(() => tf.div(wholeNumbers(shape, seed, 100), 100));

// A step is at most 10 roundings of numbers below 2 in float32, against double precision: 10 · 2 · 2⁻²⁴ < 1.2e-6. Adam's
// quotient is below 1 / (1 − 0.9) = 10 in its first steps and multiplied by a rate of 0.01.
const TOLERANCE = 1.2e-6;

const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test('momentumStepInPlace moves as tf.train.momentum does', () => {
    const start = weightsLike([7, 9], 1); // 63 = 15 vectors of 4 and 3 more
    const [ours, theirs] = [tf.variable(tf.clone(start)), tf.variable(tf.clone(start))];
    const velocity = tf.variable(tf.zerosLike(start));
    const optimizer = tf.train.momentum(0.1, 0.9);
    for (let step = 0; step < 3; step++) {
      const gradient = weightsLike([7, 9], step + 2);
      const before = tf.memory().numTensors;
      momentumStepInPlace(ours, velocity, gradient, { learningRate: 0.1 });
      expect(tf.memory().numTensors).toBe(before);
      optimizer.applyGradients([{ name: theirs.name, tensor: gradient as tf.Variable }]);
      gradient.dispose();
    }
    expect(furthest(ours.dataSync<'float32'>(), theirs.dataSync<'float32'>())).toBeLessThan(3 * TOLERANCE);
    tf.dispose([start, ours, theirs, velocity]);
    optimizer.dispose();
  });

  test('adamStepInPlace moves as tf.train.adam does', () => {
    const start = weightsLike([5, 3], 1);
    const [ours, theirs] = [tf.variable(tf.clone(start)), tf.variable(tf.clone(start))];
    const [mean, meanSquare] = [tf.variable(tf.zerosLike(start)), tf.variable(tf.zerosLike(start))];
    const optimizer = tf.train.adam(0.01);
    for (let step = 1; step <= 3; step++) {
      const gradient = weightsLike([5, 3], step + 1);
      adamStepInPlace(ours, mean, meanSquare, gradient, { learningRate: 0.01, step });
      optimizer.applyGradients([{ name: theirs.name, tensor: gradient as tf.Variable }]);
      gradient.dispose();
    }
    // tfjs takes its powers of beta from the backend in float32: 1 − beta2^step, near 0.001, carries 2⁻²⁴ / 0.001 = 6e-5
    // of itself, half of which reaches the step of 0.01: 3e-7 a step.
    expect(furthest(ours.dataSync<'float32'>(), theirs.dataSync<'float32'>())).toBeLessThan(3 * (TOLERANCE + 3e-7));
    tf.dispose([start, ours, theirs, mean, meanSquare]);
    optimizer.dispose();
  });

  test('a weight under a zero of the mask becomes and stays zero, and decay pulls the others towards zero', () => {
    const weight = tf.variable(tf.tensor1d([1, 2, 3, 4, 5]));
    const velocity = tf.variable(tf.zeros([5]));
    const [gradient, mask] = [tf.zeros([5]), tf.tensor1d([1, 0, 1, 0, 1])];
    momentumStepInPlace(weight, velocity, gradient, { learningRate: 0.5, weightDecay: 0.5, mask });
    expect([...weight.dataSync()]).toEqual([0.75, 0, 2.25, 0, 3.75]); // w − 0.5 · 0.5 · w
    const [mean, meanSquare] = [tf.variable(tf.zeros([5])), tf.variable(tf.zeros([5]))];
    adamStepInPlace(weight, mean, meanSquare, gradient, { learningRate: 0.5, step: 1, mask });
    expect([...weight.dataSync()]).toEqual([0.75, 0, 2.25, 0, 3.75]); // no gradient, no step
    tf.dispose([weight, velocity, gradient, mask, mean, meanSquare]);
  });

  test('a size that does not fit is refused', () => {
    const [weight, velocity] = [tf.variable(tf.zeros([4])), tf.variable(tf.zeros([4]))];
    const gradient = tf.zeros([3]);
    expect(() => momentumStepInPlace(weight, velocity, gradient, { learningRate: 1 })).toThrow(
      'momentumStepInPlace: "gradient" expected 4 elements as the weight has, got 3',
    );
    expect(() => adamStepInPlace(weight, velocity, velocity, weight, { learningRate: 1, step: 0 })).toThrow(RangeError);
    tf.dispose([weight, velocity, gradient]);
  });
});

describe('the kernels on wasm memory move as their plain twins do', () => {
  const numbers = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync<'float32'>());
  const zeros = () => tf.variable(tf.zeros([63])); // 15 vectors of 4 and 3 more
  beforeAll(async () => {
    await tf.setBackend('wasm');
  });

  test('momentum', () => {
    const options = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 };
    const [weight, velocity] = [tf.variable(weightsLike([63], 1)), zeros()];
    const mask = tf.cast(tf.greater(weightsLike([63], 2), 0), 'float32');
    const [plainWeight, plainVelocity, plainMask] = [numbers(weight), numbers(velocity), numbers(mask)];
    for (let step = 1; step <= 3; step++) {
      const gradient = weightsLike([63], step + 2);
      momentumStepInPlace(weight, velocity, gradient, { ...options, mask });
      plainMomentumStep(plainWeight, plainVelocity, numbers(gradient), options, plainMask);
      gradient.dispose();
    }
    expect(furthest(numbers(weight), plainWeight)).toBeLessThan(3 * TOLERANCE);
    expect(furthest(numbers(velocity), plainVelocity)).toBeLessThan(3 * TOLERANCE);
    tf.dispose([weight, velocity, mask]);
  });

  test('Adam', () => {
    const options = { learningRate: 0.01, weightDecay: 0.01 };
    const [weight, mean, meanSquare] = [tf.variable(weightsLike([63], 1)), zeros(), zeros()];
    const mask = tf.cast(tf.greater(weightsLike([63], 2), 0), 'float32');
    const plain = [weight, mean, meanSquare].map(numbers) as [Float32Array, Float32Array, Float32Array];
    const plainMask = numbers(mask);
    for (let step = 1; step <= 3; step++) {
      const gradient = weightsLike([63], step + 2);
      adamStepInPlace(weight, mean, meanSquare, gradient, { ...options, step, mask });
      plainAdamStep(...plain, numbers(gradient), { ...options, step }, plainMask);
      gradient.dispose();
    }
    [weight, mean, meanSquare].forEach((tensor, i) => {
      expect(furthest(numbers(tensor), plain[i]!)).toBeLessThan(3 * TOLERANCE);
    });
    tf.dispose([weight, mean, meanSquare, mask]);
  });
});

// XNNPACK keeps packed weights for as long as a tensor lives: without forgetPacked these used the weights of before.
test('convolutions and products see a weight as it is after a step in place', async () => {
  await tf.setBackend('wasm');
  const image = tf.ones<tf.Rank.R4>([1, 3, 3, 8]);
  const layers: Record<string, [shape: number[], run: (weight: tf.Tensor) => tf.Tensor]> = {
    conv2d: [[2, 2, 8, 4], (weight) => tf.conv2d(image, weight as tf.Tensor4D, 1, 'valid')],
    depthwiseConv2d: [[2, 2, 8, 1], (weight) => tf.depthwiseConv2d(image, weight as tf.Tensor4D, 1, 'valid')],
    matMul: [[8, 4], (weight) => tf.matMul(tf.reshape(image, [9, 8]), weight as tf.Tensor2D)],
    'fused.matMul': [
      [8, 4],
      (weight) => tf.fused.matMul({ a: tf.reshape(image, [9, 8]), b: weight as tf.Tensor2D, activation: 'relu' }),
    ],
    'fused.conv2d': [
      [2, 2, 8, 4],
      (weight) =>
        tf.fused.conv2d({ x: image, filter: weight as tf.Tensor4D, strides: 1, pad: 'valid', activation: 'relu' }),
    ],
  };
  for (const [name, [shape, run]] of Object.entries(layers)) {
    tf.tidy(() => {
      const weight = tf.variable(tf.ones(shape));
      const velocity = tf.variable(tf.zeros(shape));
      run(weight);
      momentumStepInPlace(weight, velocity, tf.ones(shape), { learningRate: -1 }); // 1 + 1 · 1 = 2
      expect([...weight.dataSync()].every((value) => value === 2)).toBe(true);
      expect([name, ...run(weight).dataSync()]).toEqual([name, ...run(tf.fill(shape, 2)).dataSync()]);
      tf.dispose([weight, velocity]);
    });
  }
  image.dispose();
});
