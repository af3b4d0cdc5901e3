import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { densityInit, linearInit, linearInitAroundZero, randomInit, startCentroids } from './init.ts';

const sorted = Float32Array.of(-1, -0.5, -0.5, 0, 0, 0, 0.25, 1);

test('linear: evenly from the smallest to the largest', () => {
  expect(linearInit(sorted, 5)).toEqual(Float64Array.of(-1, -0.5, 0, 0.5, 1));
  expect(linearInit(sorted, 1)).toEqual(Float64Array.of(0));
});

test('linear around zero: evenly on both sides of it, ends included', () => {
  expect(linearInitAroundZero(sorted, 4)).toEqual(Float64Array.of(-1, -0.5, 0.5, 1));
  expect(linearInitAroundZero(Float32Array.of(-0.01, 8), 3)).toEqual(Float64Array.of(Math.fround(-0.01), 4, 8));
  expect(linearInitAroundZero(Float32Array.of(-8, 0.25), 2)).toEqual(Float64Array.of(-8, 0.25));
  expect(linearInitAroundZero(Float32Array.of(5, 6), 2)).toEqual(Float64Array.of(5, 6));
  expect(linearInitAroundZero(Float32Array.of(-1, 3), 1)).toEqual(Float64Array.of(1));
});

test('density: as many values around each', () => {
  expect(densityInit(sorted, 4)).toEqual(Float64Array.of(-0.5, 0, 0, 1));
  expect(densityInit(Float32Array.of(7), 1)).toEqual(Float64Array.of(7));
});

test('random: different positions among the values, the same under the same seed', () => {
  const values = Float32Array.from({ length: 100 }, (_, i) => i);
  const drawn = randomInit(values, 40, seededRandom(7));
  expect(new Set(drawn).size).toBe(40);
  expect(drawn).toEqual(drawn.slice().sort());
  expect(drawn.every((value) => values.includes(value))).toBe(true);
  expect(randomInit(values, 40, seededRandom(7))).toEqual(drawn);
  expect(randomInit(values, 100, seededRandom(7))).toEqual(Float64Array.from(values));
});

test('random: each value is drawn as often', () => {
  const random = seededRandom(1);
  const counts = new Float64Array(5);
  for (let round = 0; round < 5000; round++)
    for (const value of randomInit(Float32Array.of(0, 1, 2, 3, 4), 2, random)) counts[value]!++;
  // Binomial, n = 5000, p = 2/5: standard deviation 35; five of them.
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(175);
});

test('needs chance for a random start only', () => {
  expect(startCentroids(sorted, 2, 'linear')).toEqual(Float64Array.of(-1, 1));
  expect(startCentroids(sorted, 0, 'random')).toEqual(new Float64Array(0));
  expect(() => startCentroids(sorted, 2, 'random')).toThrow(TypeError);
});
