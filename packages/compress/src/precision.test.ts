import { seededRandom } from '@pare/core';
import { levelsToShared, toLevels } from '@pare/rate-distortion';
import { expect, test } from 'vitest';
import { numbersOf } from './numbers.ts';
import { areFewValues, coveredError } from './precision.ts';

const random = seededRandom(1);
const normal = Float32Array.from({ length: 20_000 }, () => random.normal());

test('numbers that do not repeat cover none', () => {
  expect(coveredError(normal)).toBe(0);
  expect(coveredError(normal.map((value) => Math.fround(Math.round(value * 2 ** 20) / 2 ** 20)))).toBe(0);
});

test('one number, or only zeros, could stand for anything', () => {
  expect(coveredError(new Float32Array(8))).toBe(Infinity);
  expect(coveredError(new Float32Array(8).fill(0.3))).toBe(Infinity);
});

test.each([
  [0.05, false, 1],
  [0.5, false, 1],
  [0.05, true, 20_000],
  [0.3, true, 20_000],
  [0.3, true, 200],
])('of multiples of a step is about what the step has made (%s, trellis: %s, %s rows)', (step, trellis, rows) => {
  const made = toLevels(normal, { step, trellis, rows });
  const implied = coveredError(numbersOf(levelsToShared(made))!, rows);
  expect((0.3 * implied) / made.error).toBeGreaterThan(0.7);
  expect((0.3 * implied) / made.error).toBeLessThan(1.3);
});

test('of affine integers follows from their gaps', () => {
  const scale = 0.031234;
  const rounded = normal.map((value) => Math.fround(-3.00217 + scale * Math.round((value + 3.00217) / scale)));
  const noise = normal.reduce((sum, value, i) => sum + (value - rounded[i]!) ** 2, 0);
  expect((0.7 * coveredError(rounded)) / noise).toBeGreaterThan(0.9);
  expect((0.7 * coveredError(rounded)) / noise).toBeLessThan(1.1);
  expect(coveredError(rounded, 1, false)).toBe(0);
});

test('of pruned numbers does not count the pruned ones', () => {
  const pruned = normal.map((value) => (Math.abs(value) > 2 ? Math.round(value * 10) / 10 : 0));
  const kept = pruned.filter((value) => value !== 0).length;
  expect((0.7 * coveredError(pruned)) / ((kept * 0.01) / 12)).toBeCloseTo(1, 1);
});

test('few values are at most 256, and repeat', () => {
  expect(areFewValues(normal)).toBe(false);
  expect(areFewValues(normal.map((value) => Math.round(10 * value) / 10))).toBe(true);
  expect(areFewValues(normal.map((value) => Math.round(1000 * value) / 1000))).toBe(false);
  expect(areFewValues(Float32Array.of(0, 1, 2, 3, 0))).toBe(false);
});
