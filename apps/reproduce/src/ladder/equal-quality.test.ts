import { expect, test } from 'vitest';
import { bytesFor } from './equal-quality.ts';

const samples = [
  { bytes: 400, quality: 0.9 },
  { bytes: 100, quality: 0.5 },
  { bytes: 200, quality: 0.4 }, // chance
];

test('lies between the samples, in logarithms of bytes', () => {
  expect(bytesFor(samples, 0.7)).toBeCloseTo(200, 9);
  expect(bytesFor(samples, 0.6)).toBeCloseTo(100 * Math.SQRT2, 9);
});

test('a sample itself needs its own bytes', () => {
  expect([bytesFor(samples, 0.5), bytesFor(samples, 0.9)]).toEqual([100, 400]);
});

test('beyond the samples nothing is known', () => {
  expect([bytesFor(samples, 0.95), bytesFor(samples, 0.45), bytesFor([], 0.5)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
