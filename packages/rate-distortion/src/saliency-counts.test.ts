import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { SaliencyCounts } from './saliency-counts.ts';

test('finds the saliency that so many exceed, within a bin', () => {
  const random = seededRandom(1);
  const counts = new SaliencyCounts();
  const saliencies = Array.from({ length: 10_000 }, () => random.normal() ** 2);
  for (const saliency of saliencies) counts.add(saliency);
  saliencies.sort((a, b) => b - a);
  for (const count of [1, 100, 5000, 9900]) {
    const exact = saliencies[count - 1]!;
    // A bin is 2⁻⁷ of the power of two below wide.
    expect(Math.abs(counts.threshold(count) / exact - 1)).toBeLessThan(2 ** -6);
  }
});

test('all exceed nothing, and none of equal ones what is above them', () => {
  const counts = new SaliencyCounts();
  expect(counts.threshold(0)).toBe(0);
  for (let i = 0; i < 10; i++) counts.add(3);
  expect(counts.threshold(10)).toBe(0);
  expect(counts.threshold(11)).toBe(0);
  expect(counts.threshold(0)).toBeGreaterThan(3);
  expect(counts.threshold(0)).toBeLessThan(3.03);
});
