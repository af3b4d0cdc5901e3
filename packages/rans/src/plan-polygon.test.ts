import { expect, test } from 'vitest';
import { planPolygon } from './plan-polygon.ts';
import { levelsOf } from './polygon.ts';

test('a geometric histogram is one line down', () => {
  const knots = planPolygon(Uint32Array.of(8192, 4096, 2048, 1024, 512, 256, 128, 64), 0, 0, 12);
  expect(knots).toEqual([
    { run: 1, change: knots[0]!.change },
    { run: 7, change: -7 },
  ]);
});

test('where nothing occurs the level is 0', () => {
  const histogram = Uint32Array.of(0, 0, 50, 40, 0, 0, 0, 60, 0);
  const levels = levelsOf(planPolygon(histogram, 1, 0, 12), 9, 1);
  expect([...levels].map((level) => level > 0)).toEqual([...histogram].map((count) => count > 0));
});

test('levels follow the logarithms of the counts', () => {
  const histogram = Uint32Array.from({ length: 64 }, (_, i) => Math.round(1e6 * Math.exp(-(((i - 31) / 12) ** 2))));
  const levels = levelsOf(planPolygon(histogram, 3, 2, 12), 64, 3);
  histogram.forEach((count, i) => {
    if (count > 200_000)
      expect(Math.abs(levels[31]! - levels[i]! - 8 * Math.log2(histogram[31]! / count))).toBeLessThan(3);
  });
});
