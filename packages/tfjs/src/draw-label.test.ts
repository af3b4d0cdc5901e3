import { type Random, seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { drawLabel } from './draw-label.ts';

test('draws each class as often as its weight says', () => {
  const random = seededRandom(1);
  const counts = [0, 0, 0];
  for (let i = 0; i < 4000; i++) counts[drawLabel([3, 0, 1], 4, random)]!++;
  expect(counts[1]).toBe(0);
  expect(Math.abs(counts[2]! - 1000)).toBeLessThan(5 * Math.sqrt(4000 * 0.25 * 0.75)); // five standard deviations
});

test('never leaves the classes, where rounding makes the weights less than their total', () => {
  const last: Random = { ...seededRandom(1), float: () => 1 - 2 ** -53 };
  expect(drawLabel([0.5, 0.4999], 1, last)).toBe(1);
});
