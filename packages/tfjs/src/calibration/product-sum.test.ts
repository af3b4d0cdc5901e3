import { seededRandom } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from '../backend.ts';
import { plainProductSum, productSum } from './product-sum.ts';

beforeAll(startWasm);

const random = seededRandom(1);
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());

describe('productSum', () => {
  test('adds the products of rows', () => {
    const rows = Float32Array.of(1, 2, 3, 4); // [1, 2] and [3, 4]
    for (const sum of [productSum(2), plainProductSum(2)]) {
      sum.add(rows, rows, 2);
      expect([...sum.take(0.5)]).toEqual([5, 7, 7, 10]);
    }
  });

  // More than one strip, one block of depth, and a rest of everything.
  test.each([
    { width: 1, counts: [1, 3] },
    { width: 7, counts: [5, 300] },
    { width: 131, counts: [40, 1] },
    { width: 270, counts: [20] },
  ])('is what its plain twin is, $width wide', ({ width, counts }) => {
    const before = tf.memory().numTensors;
    for (const crossed of [false, true]) {
      const [fast, plain] = [productSum(width), plainProductSum(width)];
      for (const count of counts) {
        const left = draw(count * width);
        const right = crossed ? draw(count * width) : left;
        fast.add(left, right, count);
        plain.add(left, right, count);
      }
      const [given, expected] = [fast.take(0.25), plain.take(0.25)];
      fast.dispose();
      // Sums of up to 303 products of a few units: 303 · 2⁻²⁴ · 303 · 0.25 at the very most.
      let worst = 0;
      for (let i = 0; i < given.length; i++) worst = Math.max(worst, Math.abs(given[i]! - expected[i]!));
      expect(given).toHaveLength(width * width);
      expect(worst).toBeLessThan(1.4e-3 / 10);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('frees its memory without being asked for the sum', () => {
    const before = tf.memory().numTensors;
    const sum = productSum(3);
    sum.add(draw(3), draw(3), 1);
    sum.dispose();
    sum.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
