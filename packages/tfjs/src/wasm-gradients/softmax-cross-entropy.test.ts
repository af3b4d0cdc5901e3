import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations, which core by itself does not in Node
import { beforeAll, expect, test } from 'vitest';
import { startWasm, wholeNumbers } from '../../test/backends.ts';
import { plainSoftmaxCrossEntropy, softmaxCrossEntropy } from './softmax-cross-entropy.ts';

beforeAll(startWasm);

test('an even guess between two classes costs the logarithm of 2', () => {
  const loss = tf.tidy(() => softmaxCrossEntropy(tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 0]])).dataSync()[0]!);
  expect(loss).toBe(Math.fround(Math.LN2));
});

test('value and gradient are those of tf.losses.softmaxCrossEntropy', () => {
  const before = tf.memory().numTensors;
  const logits = wholeNumbers([6, 10], 1) as tf.Tensor;
  const labels = tf.tidy(() => tf.cast(tf.oneHot([0, 3, 9, 3, 1, 0], 10), 'float32'));
  const ours = tf.valueAndGrad((x) => tf.mul(softmaxCrossEntropy(labels, x), 3))(logits);
  const theirs = tf.valueAndGrad((x) => tf.mul(tf.losses.softmaxCrossEntropy(labels, x) as tf.Scalar, 3))(logits);
  // Ours rounds once, from double precision. Theirs rounds the logits' logarithm of a sum, below 16, and takes exp of it:
  // 16 · 2⁻²⁴ = 1e-6 for a loss or a probability, times 3.
  expect(Math.abs(ours.value.dataSync()[0]! - theirs.value.dataSync()[0]!)).toBeLessThan(6e-6);
  const theirGradient = theirs.grad.dataSync();
  ours.grad.dataSync().forEach((value, i) => void expect(Math.abs(value - theirGradient[i]!)).toBeLessThan(3e-6));
  tf.dispose([logits, labels, ours.value, ours.grad, theirs.value, theirs.grad]);
  expect(tf.memory().numTensors).toBe(before);
});

test('huge logits overflow nothing', () => {
  const { value, gradient } = plainSoftmaxCrossEntropy(Float32Array.of(1, 0), Float32Array.of(-3e38, 3e38), 2);
  expect(Number.isFinite(value)).toBe(true);
  expect([...gradient]).toEqual([-1, 1]);
});

test('the gradient is that of finite differences', () => {
  const labels = Float32Array.of(0, 1, 0, 0.5, 0.25, 0.25);
  const logits = Float32Array.of(0.5, -1, 2, 0, 1, -2);
  const { gradient } = plainSoftmaxCrossEntropy(labels, logits, 3);
  const step = 2 ** -8; // error of a central difference: step² / 6 · |f‴| < 2.6e-6, and nothing from rounding in double
  for (let i = 0; i < logits.length; i++) {
    const [up, down] = [1, -1].map((sign) => {
      const moved = Float32Array.from(logits);
      moved[i] = logits[i]! + sign * step; // exact: few bits
      return plainSoftmaxCrossEntropy(labels, moved, 3).value;
    });
    expect(Math.abs((up! - down!) / (2 * step) - gradient[i]!)).toBeLessThan(3e-6);
  }
});

test('labels of another shape are refused', () => {
  const [labels, logits] = [tf.zeros([2, 3]), tf.zeros([3, 2])];
  expect(() => softmaxCrossEntropy(labels, logits)).toThrow('"labels" expected shape [3,2], got [2,3]');
  tf.dispose([labels, logits]);
});
