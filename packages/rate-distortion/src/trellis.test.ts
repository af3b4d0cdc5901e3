import { seededRandom } from '@pare/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LevelOptions, toLevels } from './quantize.ts';
import { noRates, SizeCounts } from './rates.ts';
import { roundToTrellis, TRELLIS_NEXT } from './trellis.ts';

const numbers = (count: number, seed = 1): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};

/** Whether each level belongs to the quantiser that holds. */
function follows(levels: Int32Array): boolean {
  let state = 0;
  return levels.every((level) => {
    const half = state & 1;
    const k = (Math.abs(level) + half) >> 1;
    state = TRELLIS_NEXT[2 * state + (k & 1)]!;
    return level === 0 || (Math.abs(level) & 1) === half;
  });
}

test('levels follow the machine, and zeros stay zero', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0.3, -0.8, 1.7, 100)), fc.constantFrom(0, 0.45), (values, slope) => {
      const { levels } = toLevels(Float32Array.from(values), { step: 0.25, trellis: true, slope });
      expect(follows(levels)).toBe(true);
      for (const [i, value] of values.entries()) if (value === 0) expect(levels[i]).toBe(0);
    }),
  ));

test('finds the best path there is', () => {
  // All paths of six numbers with |k| ≤ 3, by brute force.
  const values = numbers(6, 7).map((value) => 2 * value);
  const least = (state: number, at: number): number => {
    if (at === values.length) return 0;
    const half = state & 1;
    let best = Infinity;
    for (let k = 0; k <= 6; k++) {
      const level = k > 0 ? 2 * k - half : 0;
      const next = TRELLIS_NEXT[2 * state + (k & 1)]!;
      best = Math.min(best, (Math.abs(values[at]!) - level) ** 2 + least(next, at + 1));
    }
    return best;
  };
  const out = new Int32Array(6);
  const error = roundToTrellis(values, { step: 1, rates: noRates(), slope: 0 }, new SizeCounts(), out);
  expect(error).toBeCloseTo(least(0, 0), 5);
});

test('is worth 0.7 to 1.2 dB against a lattice of the same entropy', () => {
  const values = numbers(40_000);
  const plain = toLevels(values, { step: 0.1, slope: 0 });
  // The step for which the trellis makes the same error.
  let step = 0.055;
  let made = toLevels(values, { step, trellis: true, slope: 0 });
  for (let i = 0; i < 6; i++) {
    step *= Math.sqrt(plain.error / made.error);
    made = toLevels(values, { step, trellis: true, slope: 0 });
  }
  const bitsSaved = (plain.bits - made.bits) / values.length;
  expect(6.02 * bitsSaved).toBeGreaterThan(0.7);
  expect(6.02 * bitsSaved).toBeLessThan(1.2);
});

test('paths go on across blocks', () => {
  const values = numbers(10_000);
  const options: LevelOptions = { step: 0.2, trellis: true };
  expect(follows(toLevels(values, options).levels)).toBe(true);
});
