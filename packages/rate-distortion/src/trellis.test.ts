import { seededRandom } from '@pare/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LevelOptions, toLevels } from './quantize.ts';
import { noRates, SizeCounts } from './rates.ts';
import { roundToTrellis } from './trellis.ts';
import { TRELLIS_NEXT } from './trellis-path.ts';

const numbers = (count: number, seed = 1): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};

/** Whether each level belongs to the quantiser that holds in its column. */
function follows(levels: Int32Array, rows: number = levels.length): boolean {
  const columns = levels.length / rows;
  const states = new Uint8Array(columns);
  return levels.every((level, i) => {
    const state = states[i % columns]!;
    const half = state & 1;
    const k = (Math.abs(level) + half) >> 1;
    states[i % columns] = TRELLIS_NEXT[2 * state + (k & 1)]!;
    return level === 0 || (Math.abs(level) & 1) === half;
  });
}

const number = fc.constantFrom(0, 0.3, -0.8, 1.7, 100);
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 40 }))
  .chain(([rows, columns]) =>
    fc.tuple(fc.constant(rows), fc.array(number, { minLength: rows * columns, maxLength: rows * columns })),
  );

test('levels follow the machines, one down each column, and zeros stay zero', () =>
  fc.assert(
    fc.property(matrices, fc.constantFrom(0, 0.45), ([rows, values], slope) => {
      const { levels } = toLevels(Float32Array.from(values), { step: 0.25, trellis: true, rows, slope });
      expect(follows(levels, rows)).toBe(true);
      for (const [i, value] of values.entries()) if (value === 0) expect(levels[i]).toBe(0);
    }),
  ));

test('a column is rounded as it would be alone, by the importance of its rows', () => {
  const [rows, columns] = [50, 37];
  const values = numbers(rows * columns);
  const rowImportance = Float32Array.from({ length: rows }, (_, row) => 0.5 + (row % 3));
  const options = { step: 0.3, rates: noRates(), slope: 0.3, rowImportance };
  const levels = new Int32Array(values.length);
  const error = roundToTrellis(values, { ...options, rows }, new SizeCounts(), levels);
  let sum = 0;
  for (let c = 0; c < columns; c++) {
    const alone = new Int32Array(rows);
    const column = values.filter((_, i) => i % columns === c);
    sum += roundToTrellis(column, options, new SizeCounts(), alone);
    expect(levels.filter((_, i) => i % columns === c)).toEqual(alone);
  }
  expect(error).toBeCloseTo(sum, 9);
});

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

test('columns cost little of what a trellis is worth, however short', () => {
  const values = numbers(40_000);
  const long = toLevels(values, { step: 0.1, trellis: true });
  for (const [rows, most] of [
    [400, 1.01],
    [16, 1.1],
  ] as const) {
    const made = toLevels(values, { step: 0.1, trellis: true, rows });
    expect((made.error / long.error) * 4 ** ((made.bits - long.bits) / values.length)).toBeLessThan(most);
  }
});

test('paths go on across blocks', () => {
  const values = numbers(10_000);
  const options: LevelOptions = { step: 0.2, trellis: true };
  expect(follows(toLevels(values, options).levels)).toBe(true);
});
