import { expect, test } from 'vitest';
import { bytesText, bytesTick, count, logTicks, percent, points } from './numbers.ts';

test('bytes are said in powers of ten', () => {
  expect([243_860_896, 50_331_648, 408_500, 93].map(bytesText)).toEqual(['244 MB', '50.33 MB', '408.5 kB', '93 B']);
  expect([1e6, 350_000, 1e8, 0].map(bytesTick)).toEqual(['1 MB', '350 kB', '100 MB', '0']);
});

test('numbers are said with true minus signs, and no minus zero', () => {
  expect([0.012, -0.012, -0.0001].map(points)).toEqual(['1.2', '−1.2', '0.0']);
  expect([percent(0.504), percent(0.0158, 2), count(1_248_424)]).toEqual(['50.4 %', '1.58 %', '1,248,424']);
});

test('ticks of a logarithmic axis are round, within its ends, and at most so many', () => {
  expect(logTicks(290_000, 800_000, 9)).toEqual([300_000, 400_000, 500_000, 700_000]);
  expect(logTicks(290_000, 800_000, 2)).toEqual([300_000, 500_000]);
  expect(logTicks(253_000, 268_000_000, 8)).toEqual([1e6, 1e7, 1e8]);
  expect(logTicks(1000, 1000, 4)).toEqual([1000]);
});
