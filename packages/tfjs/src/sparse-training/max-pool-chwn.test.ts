import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations, which core by itself does not in Node
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm, valuesOn, wholeNumbers } from '../../test/backends.ts';
import { maxPoolChwn } from './max-pool-chwn.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await startWasm();
});

const withGradient = (pool: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, seed: number): tf.Tensor => {
  const y = pool(x);
  const dx = tf.grad((image) => pool(image!))(x, wholeNumbers(y.shape, seed));
  return tf.concat([tf.reshape(y, [-1]), tf.reshape(dx, [-1])]);
};

describe('maxPoolChwn', () => {
  test('sends the gradient of an all-negative window to its maximum', () => {
    const gradient = valuesOn('wasm', () =>
      tf.grad((x) => maxPoolChwn(x!, 2))(tf.tensor([-4, -3, -1, -2], [1, 2, 2, 1]), tf.fill([1, 1, 1, 1], 5)),
    );
    expect([...gradient]).toEqual([0, 0, 5, 0]);
  });

  test('with its gradient is max-pooling on the cpu backend, ties, overlaps and gaps included', () =>
    fc.assert(
      fc.property(
        fc.record({
          batch: fc.constantFrom(1, 3, 4, 7, 8, 16, 19),
          height: fc.integer({ min: 3, max: 9 }),
          width: fc.integer({ min: 3, max: 9 }),
          channels: fc.integer({ min: 1, max: 4 }),
          size: fc.integer({ min: 1, max: 3 }),
          stride: fc.integer({ min: 1, max: 4 }),
          shift: fc.constantFrom(-4, 0, 4),
          seed: fc.nat(),
        }),
        ({ batch, height, width, channels, size, stride, shift, seed }) => {
          // Seven values in windows of up to nine make ties the rule; the shift makes windows of one sign.
          const image = () => tf.add(wholeNumbers([channels, height, width, batch], seed), shift);
          const ours = valuesOn('wasm', () => withGradient((x) => maxPoolChwn(x, size, stride), image(), seed + 1));
          const theirs = valuesOn('cpu', () => {
            const pool = (x: tf.Tensor) =>
              tf.transpose(
                tf.maxPool(tf.transpose(x, [3, 1, 2, 0]) as tf.Tensor4D, size, stride, 'valid'),
                [3, 1, 2, 0],
              );
            return withGradient(pool, image(), seed + 1);
          });
          expect(ours).toEqual(theirs);
        },
      ),
      { numRuns: 60 },
    ));

  test('refuses a window that does not fit', () => {
    tf.tidy(() => {
      expect(() => maxPoolChwn(tf.zeros([1, 3, 2, 1]), 3)).toThrow(/"size" expected 1…2, got 3/);
      expect(() => maxPoolChwn(tf.zeros([1, 3, 3, 1]), 2, 0)).toThrow(/"stride"/);
    });
  });
});
