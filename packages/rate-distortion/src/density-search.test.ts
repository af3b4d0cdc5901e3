import { expect, test } from 'vitest';
import { DensitySearch } from './density-search.ts';

/** A pass over fixed saliencies, of which a tenth become 0 though they are kept. */
function pass(search: DensitySearch, saliencies: readonly number[]): number {
  for (const saliency of saliencies) search.saliencies.add(saliency);
  return saliencies.filter((saliency, i) => saliency >= search.threshold && i % 10 > 0).length;
}

const saliencies = Array.from({ length: 10_000 }, (_, i) => 1 + ((i * 7919) % 10_007));

test('finds in a few passes the threshold above which so many are left', () => {
  for (const most of [1, 50, 1000, 7000, 8999]) {
    const search = new DensitySearch(most, 5);
    let passes = 1;
    while (!search.learn(pass(search, saliencies), true)) passes++;
    expect(Math.abs(pass(search, saliencies) - most)).toBeLessThanOrEqual(5);
    expect(passes).toBeLessThan(7);
  }
});

test('is satisfied without a threshold where fewer are left anyway', () => {
  const search = new DensitySearch(9500, 5);
  expect(search.learn(pass(search, saliencies), true)).toBe(true);
  expect(search.threshold).toBe(0);
});

test('gives a threshold up that turns out to be too high when rates have settled', () => {
  const search = new DensitySearch(9500, 5);
  search.learn(10_000, false);
  search.threshold = 400;
  while (!search.learn(pass(search, saliencies), true));
  expect(search.threshold).toBe(0);
});

test('forgets the saliencies of a pass that was near enough', () => {
  const search = new DensitySearch(1000, 5);
  expect(search.learn(1000, false)).toBe(true);
  for (const saliency of saliencies) search.saliencies.add(saliency);
  search.learn(2000, false);
  const once = search.threshold;
  const other = new DensitySearch(1000, 5);
  for (const saliency of saliencies) other.saliencies.add(saliency);
  expect(other.learn(1000, false)).toBe(true);
  for (const saliency of saliencies) other.saliencies.add(saliency);
  other.learn(2000, false);
  expect(other.threshold).toBe(once);
});

test('prunes everything where nothing is to be left', () => {
  expect(new DensitySearch(0, 5).threshold).toBe(Infinity);
});
