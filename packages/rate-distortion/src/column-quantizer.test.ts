import { seededRandom } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { type ColumnQuantizer, latticeColumn, trellisColumn } from './column-quantizer.ts';
import { MOST_SIZES, type Rates, SizeCounts } from './rates.ts';
import { TRELLIS_NEXT } from './trellis-path.ts';

const numbers = (count: number, deviation: number, seed: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => deviation * random.normal());
};

/** What levels cost: nothing for zero, and then more and more. */
const rates: Rates = {
  bits: [
    Float64Array.from({ length: MOST_SIZES + 1 }, (_, k) => (k > 0 ? 2 : 0.5) + k),
    Float64Array.from({ length: MOST_SIZES + 1 }, (_, k) => (k > 0 ? 1.5 : 0.7) + k),
  ],
};
const free: Rates = { bits: [new Float64Array(MOST_SIZES + 1), new Float64Array(MOST_SIZES + 1)] };

const onLattice = (prices: Rates | undefined) => (counts: SizeCounts) => latticeColumn(prices, counts);
const onTrellis = (prices: Rates | undefined) => (counts: SizeCounts) => trellisColumn(prices, 200, counts);

function quantized(
  make: (counts: SizeCounts) => ColumnQuantizer,
  column: Float32Array,
  worth: Float32Array,
  kept?: Uint8Array,
) {
  const levels = new Int32Array(column.length);
  const counts = new SizeCounts();
  make(counts)(column, worth, kept, levels, 0);
  return { levels, counts };
}

/** Σ worth · error² + bits along a path of the trellis; infinite for levels that are off it. */
function pathCost(column: Float32Array, worth: Float32Array, levels: Int32Array, { bits }: Rates): number {
  let state = 0;
  let cost = 0;
  for (const [i, level] of levels.entries()) {
    const half = state & 1;
    const k = (Math.abs(level) + half) >> 1;
    if (level !== 0 && (level & 1) !== half) return Infinity;
    cost += worth[i]! * (column[i]! - level) ** 2 + bits[half]![k]!;
    state = TRELLIS_NEXT[2 * state + (k & 1)]!;
  }
  return cost;
}

/** The least of all paths whose sizes are at most so large, from a row and a state on. */
function leastCost(
  column: Float32Array,
  worth: Float32Array,
  kept: Uint8Array,
  { bits }: Rates,
  at = 0,
  state = 0,
): number {
  if (at === column.length) return 0;
  const half = state & 1;
  let least = Infinity;
  for (let k = 0; k <= (kept[at] === 0 ? 0 : 7); k++) {
    const error = Math.abs(column[at]!) - (k > 0 ? 2 * k - half : 0);
    const rest = leastCost(column, worth, kept, { bits }, at + 1, TRELLIS_NEXT[2 * state + (k & 1)]!);
    least = Math.min(least, worth[at]! * error * error + bits[half]![k]! + rest);
  }
  return least;
}

describe('down a trellis', () => {
  test.each([1, 2, 3, 4, 5, 6])('finds the best of all paths, with prices, worths and a mask (seed %i)', (seed) => {
    const column = numbers(5, 4, seed);
    const worth = numbers(5, 1, seed + 100).map(Math.abs);
    for (const kept of [Uint8Array.of(1, 1, 1, 1, 1), Uint8Array.of(1, 0, 1, 1, 0)]) {
      for (const prices of [rates, free]) {
        const { levels } = quantized(onTrellis(prices), column, worth, kept);
        expect(pathCost(column, worth, levels, prices)).toBeCloseTo(leastCost(column, worth, kept, prices), 5);
      }
    }
  });

  test('without rates errors alone decide', () => {
    const column = numbers(6, 3, 9);
    const worth = new Float32Array(6).fill(1);
    const { levels } = quantized(onTrellis(undefined), column, worth);
    expect(pathCost(column, worth, levels, free)).toBeCloseTo(
      leastCost(column, worth, new Uint8Array(6).fill(1), free),
      5,
    );
  });

  test('counts what a coder sees: sizes k, by quantiser', () => {
    const column = numbers(100, 3, 5);
    const { levels, counts } = quantized(onTrellis(rates), column, new Float32Array(100).fill(1));
    const seen = new SizeCounts();
    let state = 0;
    for (const level of levels) {
      const half = state & 1;
      const k = (Math.abs(level) + half) >> 1;
      seen.counts[half]![k]!++;
      state = TRELLIS_NEXT[2 * state + (k & 1)]!;
    }
    expect(counts.counts).toEqual(seen.counts);
  });

  test('sizes beyond what is counted are counted as a tail', () => {
    const { levels, counts } = quantized(onTrellis(undefined), Float32Array.of(16_000), Float32Array.of(1));
    expect([...levels]).toEqual([16_000]);
    expect(counts.counts[0][MOST_SIZES]).toBe(1);
    expect(counts.tail).toBeCloseTo(Math.log2(8000 / MOST_SIZES), 9);
  });
});

describe('on a lattice', () => {
  test('finds the best level of each by itself', () => {
    const column = numbers(200, 3, 2);
    const worth = numbers(200, 2, 3).map(Math.abs);
    const { levels } = quantized(onLattice(rates), column, worth);
    const costOf = (i: number, size: number): number =>
      worth[i]! * (Math.abs(column[i]!) - size) ** 2 + rates.bits[0][size]!;
    for (const [i, level] of levels.entries()) {
      const nearest = Math.floor(Math.abs(column[i]!) + 0.5);
      const candidates = [nearest, Math.max(0, nearest - 1), 0].map((size) => costOf(i, size));
      expect(costOf(i, Math.abs(level))).toBe(Math.min(...candidates));
      if (level !== 0) expect(Math.sign(level)).toBe(Math.sign(column[i]!));
    }
  });

  test('without rates it is the nearest', () => {
    const column = Float32Array.of(0, 0.4, 0.6, -1.4, -1.6, 7000);
    const { levels, counts } = quantized(onLattice(undefined), column, new Float32Array(6));
    expect([...levels]).toEqual([0, 0, 1, -1, -2, 7000]);
    expect([...counts.counts[0].subarray(0, 3)]).toEqual([2, 2, 1]);
    expect(counts.tail).toBeCloseTo(Math.log2(7000 / MOST_SIZES), 9);
  });
});

test.each([
  ['lattice', onLattice],
  ['trellis', onTrellis],
])('%s: what is pruned is 0, and what is worth little goes to what is cheap', (_, quantizerOf) => {
  const column = numbers(40, 5, 4);
  const kept = Uint8Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 0 : 1));
  for (const prices of [undefined, rates]) {
    const { levels } = quantized(quantizerOf(prices), column, new Float32Array(40).fill(1), kept);
    for (const [i, level] of levels.entries()) if (kept[i] === 0) expect(level).toBe(0);
    expect(levels.some((level) => level !== 0)).toBe(true);
  }
  const { levels } = quantized(quantizerOf(rates), column, new Float32Array(40).fill(1e-6));
  expect(levels.every((level) => level === 0)).toBe(true);
});

test('a column of nothing has no levels', () => {
  expect(quantized(onTrellis(rates), new Float32Array(0), new Float32Array(0)).levels.length).toBe(0);
  expect(quantized(onLattice(rates), new Float32Array(0), new Float32Array(0)).levels.length).toBe(0);
});
