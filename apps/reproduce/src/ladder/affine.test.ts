import { denseWeight, type Model } from '@pare/core';
import { expect, test } from 'vitest';
import { affineNetwork } from './affine.ts';

const model = (values: number[]): Model => ({
  layers: [],
  weights: [
    denseWeight('ip/kernel', [1, values.length], Float32Array.from(values)),
    denseWeight('ip/bias', [1], Float32Array.of(0.3)),
  ],
  history: [],
});
const valuesOf = ({ weights }: Model): number[] =>
  weights.flatMap(({ form }) => ('values' in form ? [...form.values] : []));

test('kernels come out on as many levels as the bits have, between their extremes; biases as they were', () => {
  const after = valuesOf(affineNetwork(model([-1, -0.4, 0.1, 2]), 2).model); // levels −1, 0, 1, 2
  expect(after).toEqual([-1, 0, 0, 2, Math.fround(0.3)]);
});

test('no number moves by more than half a step', () => {
  const before = Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  const after = valuesOf(affineNetwork(model(before), 8).model);
  const worst = before.reduce((most, value, i) => Math.max(most, Math.abs(value - after[i]!)), 0);
  expect(worst).toBeLessThanOrEqual((2 / 255 / 2) * (1 + 1e-5));
});

test('a kernel of equal numbers stays as it is', () => {
  expect(valuesOf(affineNetwork(model([0.5, 0.5]), 8).model)).toEqual([0.5, 0.5, Math.fround(0.3)]);
});

test('the bytes are those of a brotli stream that holds a byte a number and what is needed to read them', () => {
  const size = 4 + 4 + 1000 + 4; // scale, least value, codes, the bias
  const noise = Array.from({ length: 1000 }, (_, i) => Math.sin(i * i));
  const { bytes } = affineNetwork(model(noise), 8);
  expect(bytes).toBeGreaterThan(0.9 * size);
  expect(bytes).toBeLessThan(size + 16);
});
