import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations, which core by itself does not in Node
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { startWasm, valuesOn, wholeNumbers } from '../../test/backends.ts';
import { addBiasChwn, reluChwn } from './pointwise-chwn.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await startWasm();
});

const flat = (tensors: readonly tf.Tensor[]): tf.Tensor => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));
const shapes = fc.tuple(...[5, 4, 70].map((max) => fc.integer({ min: 1, max })));

test('reluChwn with its gradient is tf.relu', () =>
  fc.assert(
    fc.property(shapes, fc.nat(), (shape, seed) => {
      const compute = (relu: (x: tf.Tensor) => tf.Tensor) => () => {
        const x = wholeNumbers(shape, seed);
        return flat([relu(x), tf.grad((input) => relu(input!))(x, wholeNumbers(shape, seed + 1))]);
      };
      expect(valuesOn('wasm', compute(reluChwn))).toEqual(valuesOn('cpu', compute(tf.relu)));
    }),
    { numRuns: 30 },
  ));

test('addBiasChwn with its gradients is an addition along the first axis', () =>
  fc.assert(
    fc.property(shapes, fc.nat(), (shape, seed) => {
      const compute = (addBias: (x: tf.Tensor, bias: tf.Tensor) => tf.Tensor) => () => {
        const operands = [wholeNumbers(shape, seed), wholeNumbers([shape[0]!], seed + 1)];
        const gradients = tf.grads((x, bias) => addBias(x!, bias!))(operands, wholeNumbers(shape, seed + 2));
        return flat([addBias(operands[0]!, operands[1]!), ...gradients]);
      };
      const plain = (x: tf.Tensor, bias: tf.Tensor) => tf.add(x, tf.reshape(bias, [-1, 1, 1]));
      expect(valuesOn('wasm', compute(addBiasChwn))).toEqual(valuesOn('cpu', compute(plain)));
    }),
    { numRuns: 30 },
  ));
