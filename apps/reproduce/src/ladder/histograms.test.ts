import { denseWeight, type Model, type Weight } from '@pare/core';
import { expect, test } from 'vitest';
import { histogramsOf } from './histograms.ts';

const model = (weight: Weight): Model => ({ layers: [], weights: [weight], history: [] });
const before = model(denseWeight('ip/kernel', [1, 5], Float32Array.of(-1, 0, 0.5, 1, 1)));
const shared = (codebook: number[]): Model =>
  model({
    name: 'ip/kernel',
    shape: [1, 5],
    form: {
      kind: 'shared',
      codebook: Float32Array.from(codebook),
      indices: Uint16Array.of(0, 0, 1, 1, 1),
      mask: Uint8Array.of(1, 0, 1, 1, 1),
    },
  });

test('counts what was there, leaves zeros out, and tells the shared values before and after', () => {
  const [histogram] = histogramsOf(before, shared([-1, 0.75]), shared([-0.9, 0.8]));
  expect(histogram).toMatchObject({
    weight: 'ip/kernel',
    low: -1,
    high: 1,
    zeros: 1,
    centroids: [-1, 0.75],
    tuned: [-0.9, 0.8],
  });
  expect(histogram?.counts.reduce((a, b) => a + b)).toBe(4);
  expect([histogram?.counts[0], histogram?.counts[48], histogram?.counts[63]]).toEqual([1, 1, 2]);
});

test('weights that are not shared, or all alike, have none', () => {
  expect(histogramsOf(before, before, before)).toEqual([]);
  const flat = model(denseWeight('ip/kernel', [1, 5], new Float32Array(5).fill(2)));
  expect(histogramsOf(flat, shared([2, 2]), shared([2, 2]))).toEqual([]);
});
