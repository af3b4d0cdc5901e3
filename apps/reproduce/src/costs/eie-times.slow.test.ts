import { drawnColumns, drawnWithEntries, REAL_UNEVENNESS, simulateEie } from '@pare/hardware';
import { EIE_BENCHMARKS } from '@pare/hardware/published';
import { expect, test } from 'vitest';

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

test('EIE takes the published times: 4 % off on average where the work is matched, 10 % by densities alone', () => {
  const errors = EIE_BENCHMARKS.map((layer) => {
    const matched = drawnWithEntries({ ...layer, unevenness: REAL_UNEVENNESS }, layer.theoreticalUs * 800 * 64);
    const off = (us: number) => Math.abs(us / layer.actualUs - 1);
    return { matched: off(simulateEie(matched).us), published: off(simulateEie(drawnColumns(layer)).us) };
  });
  expect(mean(errors.map((error) => error.matched))).toBeLessThan(0.04);
  expect(Math.max(...errors.map((error) => error.matched))).toBeLessThan(0.13);
  // One seed is 2 % off the mean of many by chance: how many columns are active.
  expect(mean(errors.map((error) => error.published))).toBeLessThan(0.12);
});
