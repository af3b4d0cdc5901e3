import { expect, test } from 'vitest';
import { roundToLattice } from './lattice.ts';
import { noRates, SizeCounts } from './rates.ts';

const round = (values: number[], slope: number, rates = noRates()) => {
  const out = new Int32Array(values.length);
  const error = roundToLattice(Float32Array.from(values), { step: 0.5, rates, slope }, new SizeCounts(), out);
  return { levels: [...out], error };
};

test('rounds to the nearest where bits cost nothing', () => {
  expect(round([0.2, -0.3, 1.1, -1, 0], 0)).toEqual({ levels: [0, -1, 2, -2, 0], error: expect.closeTo(0.09, 6) });
});

test('widens the zone of zero where zero is cheap', () => {
  const counts = new SizeCounts();
  counts.counts[0][0] = 900;
  counts.counts[0][1] = 100;
  const rates = counts.rates();
  expect(round([0.3, 0.45, -0.3], 0.1, rates).levels).toEqual([0, 1, 0]); // the border moves from 0.25 to 0.35 or so
});

test('counts sizes', () => {
  const counts = new SizeCounts();
  roundToLattice(Float32Array.of(1, -1, 0, 2), { step: 1, rates: noRates(), slope: 0 }, counts, new Int32Array(4));
  expect([...counts.counts[0].slice(0, 4)]).toEqual([1, 2, 1, 0]);
});
