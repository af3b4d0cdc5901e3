import { expect, test } from 'vitest';
import { bytesFor } from './equal-quality.ts';

const samples = [
  { bytes: 400, quality: 0.9 },
  { bytes: 100, quality: 0.5 },
  { bytes: 200, quality: 0.4 }, // chance
];

test('lies between the samples, in logarithms of bytes', () => {
  expect(bytesFor(samples, 0.7)?.bytes).toBeCloseTo(200, 9);
  expect(bytesFor(samples, 0.6)?.bytes).toBeCloseTo(100 * Math.SQRT2, 9);
});

test('a sample itself needs its own bytes', () => {
  expect([0.5, 0.9].map((quality) => bytesFor(samples, quality))).toEqual([
    { bytes: 100, isMost: false },
    { bytes: 400, isMost: false },
  ]);
});

test('below the samples a bound is known, above them nothing', () => {
  expect(bytesFor(samples, 0.45)).toEqual({ bytes: 100, isMost: true });
  expect([bytesFor(samples, 0.95), bytesFor([], 0.5)]).toEqual([undefined, undefined]);
});
