import { seededRandom } from '@pare/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floats, largeValues } from '../test/values.ts';
import { sortFloats } from './sort.ts';

test('sorts, and moves companions along', () => {
  const { values, companions } = sortFloats(Float32Array.of(3, -1, 0.5), Float32Array.of(30, -10, 5));
  expect(values).toEqual(Float32Array.of(-1, 0.5, 3));
  expect(companions).toEqual(Float32Array.of(-10, 5, 30));
});

test('takes nothing and one number', () => {
  expect(sortFloats(new Float32Array(0)).values).toEqual(new Float32Array(0));
  expect(sortFloats(Float32Array.of(-0)).values).toEqual(Float32Array.of(-0));
});

test('orders extremes, denormals and zeros of both signs as the engine does', () => {
  const values = Float32Array.of(3.4e38, 0, -1e-45, -3.4e38, -0, 1e-45, 1e-38, -1e-38);
  expect(sortFloats(values).values).toEqual(values.slice().sort());
});

test('agrees with the sort of the engine and leaves its input alone', () =>
  fc.assert(
    fc.property(floats(), (values) => {
      const before = values.slice();
      expect(sortFloats(values).values).toEqual(before.slice().sort());
      expect(values).toEqual(before);
    }),
    { seed: 1 },
  ));

test('reads a view into a larger buffer', () => {
  expect(sortFloats(Float32Array.of(9, 2, 1, 9).subarray(1, 3)).values).toEqual(Float32Array.of(1, 2));
});

test('keeps equal keys in order, so companions of ties stay as they came', () => {
  const values = Float32Array.of(1, 0, 1, 0, 1);
  expect(sortFloats(values, Float32Array.of(0, 1, 2, 3, 4)).companions).toEqual(Float32Array.of(1, 3, 0, 2, 4));
});

test('agrees with the sort of the engine on many values', () => {
  const values = largeValues(seededRandom(1), 50_000);
  expect(sortFloats(values).values).toEqual(values.slice().sort());
});
