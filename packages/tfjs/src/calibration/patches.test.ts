import { type Conv2dLayer, denseWeight, type Layer, seededRandom } from '@pare/core';
import { referenceForward } from '@pare/testkit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from '../backend.ts';
import { patchesOf } from './patches.ts';

beforeAll(startWasm);

const random = seededRandom(1);
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());
const randoms = [random.fork(0), random.fork(1)];

const conv: Conv2dLayer = {
  kind: 'conv2d',
  name: 'conv',
  inputs: ['data'],
  kernel: 'kernel',
  filters: 6,
  kernelSize: [3, 2],
  stride: [2, 1],
  padding: [1, 0, 2, 1],
  dilation: [1, 2],
  groups: 2,
  outputShape: [6, 3, 6],
};

describe('patchesOf', () => {
  test('copies rows whose products with a kernel are the outputs', () => {
    const images = [draw(4 * 30), draw(4 * 30)]; // [4, 6, 5]
    const kernel = draw(6 * 2 * 6);
    const data: Layer = { kind: 'input', name: 'data', inputs: [], outputShape: [4, 6, 5] };
    const model = { layers: [data, conv], weights: [denseWeight('kernel', [6, 2, 3, 2], kernel)], history: [] };
    const x = tf.tidy(() =>
      tf.transpose(
        tf.tensor4d(
          images.flatMap((one) => [...one]),
          [2, 4, 6, 5],
        ),
        [0, 2, 3, 1],
      ),
    );
    const { groups, width, count, rows } = patchesOf(conv, x, 1000, randoms);
    x.dispose();
    expect([groups, width, count]).toEqual([2, 12, 36]);
    images.forEach((image, n) => {
      referenceForward(model, image).forEach((expected, at) => {
        const [k, position] = [Math.floor(at / 18), at % 18];
        const row = rows[Math.floor(k / 3)]!.subarray((n * 18 + position) * 12);
        const filter = kernel.subarray(k * 12, (k + 1) * 12);
        expect(filter.reduce((sum, value, i) => sum + value * row[i]!, 0)).toBeCloseTo(expected, 5);
      });
    });
  });

  test('looks at so many positions, each in its own part of the map, by the chance of the example', () => {
    const layer = {
      ...conv,
      kernelSize: [1, 1],
      stride: [1, 1],
      padding: [0, 0, 0, 0],
      groups: 1,
      outputShape: [6, 4, 5],
    } as const;
    const x = tf.tensor4d(
      Float32Array.from({ length: 2 * 20 }, (_, i) => i % 20),
      [2, 4, 5, 1],
    );
    const positions = () => [...patchesOf(layer, x, 5, [seededRandom(1), seededRandom(2)]).rows[0]!];
    expect(positions()).toEqual(positions());
    expect(positions().map((position) => Math.floor(position / 4))).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    expect(positions().slice(0, 5)).not.toEqual(positions().slice(5));
    x.dispose();
  });

  test('of a dense layer are its inputs', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const dense = {
      kind: 'dense',
      name: 'ip',
      inputs: ['data'],
      kernel: 'kernel',
      units: 4,
      outputShape: [4],
    } as const;
    const { groups, width, count, rows } = patchesOf(dense, x, 1, randoms);
    expect([groups, width, count, [...rows[0]!]]).toEqual([1, 3, 2, [1, 2, 3, 4, 5, 6]]);
    x.dispose();
  });
});
