import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArithmeticDecoder } from './arithmetic-decode.ts';
import { ArithmeticEncoder } from './arithmetic-encode.ts';
import { codeLevels, LARGEST_LEVEL } from './level-coder.ts';
import type { Places, Scan } from './places.ts';
import { followsTrellis, type Machines, TRELLIS_NEXT } from './trellis.ts';

const rows = (levels: Int32Array, rowCount: number, scan: Scan): Places => {
  const columnCount = levels.length / rowCount;
  const alive = (count: number, at: (i: number, k: number) => number, across: number) =>
    Int32Array.from(
      Array.from({ length: count }, (_, i) => i).filter((i) =>
        Array.from({ length: across }, (_, k) => at(i, k)).some((place) => levels[place] !== 0),
      ),
    );
  const liveRows = alive(rowCount, (r, c) => r * columnCount + c, columnCount);
  const liveColumns = alive(columnCount, (c, r) => r * columnCount + c, rowCount);
  return scan.transposed
    ? { lines: liveColumns, columns: liveRows, lineStride: 1, columnStride: columnCount, extent: rowCount, scan }
    : { lines: liveRows, columns: liveColumns, lineStride: columnCount, columnStride: 1, extent: columnCount, scan };
};

const largestOf = (levels: Int32Array): number => levels.reduce((most, level) => Math.max(most, Math.abs(level)), 1);

function encode(levels: Int32Array, rowCount: number, scan: Scan, machines: Machines): Uint8Array {
  const encoder = new ArithmeticEncoder();
  codeLevels(encoder, rows(levels, rowCount, scan), levels, largestOf(levels), machines, true);
  return encoder.finish();
}

function roundTrip(levels: Int32Array, rowCount: number, scan: Scan, machines: Machines): Int32Array {
  const bytes = encode(levels, rowCount, scan, machines);
  const decoded = new Int32Array(levels.length);
  const places = rows(levels, rowCount, scan);
  codeLevels(new ArithmeticDecoder(bytes), places, decoded, largestOf(levels), machines, false);
  return decoded;
}

/** Levels from wishes: where a wish does not suit the quantiser that holds, its neighbour towards zero takes its place. */
function trellisLevels(wishes: readonly number[], rowCount: number): Int32Array {
  const columnCount = wishes.length / rowCount;
  const states = new Uint8Array(columnCount);
  return Int32Array.from(wishes, (wish, i) => {
    const state = states[i % columnCount]!;
    const half = state & 1;
    const k = (Math.abs(wish) + half) >> 1;
    states[i % columnCount] = TRELLIS_NEXT[2 * state + (k & 1)]!;
    return k === 0 ? 0 : Math.sign(wish) * (2 * k - half);
  });
}

const PLAIN: Scan = { transposed: false, width: 0, block: 1 };
const KERNEL: Scan = { transposed: false, width: 3, block: 9 };
const scans = fc.constantFrom(PLAIN, KERNEL, { ...PLAIN, transposed: true });
const machines = fc.constantFrom('none', 'lines', 'columns');
const level = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: -LARGEST_LEVEL, max: LARGEST_LEVEL }) },
  { weight: 6, arbitrary: fc.constant(0) },
);
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 20 }))
  .chain(([rowCount, columnCount]) =>
    fc.tuple(
      fc.constant(rowCount),
      fc.array(level, { minLength: rowCount * columnCount, maxLength: rowCount * columnCount }),
    ),
  );

describe('levels', () => {
  test('decode ∘ encode is the identity', () =>
    fc.assert(
      fc.property(matrices, scans, ([rowCount, numbers], scan) => {
        const levels = Int32Array.from(numbers, (number) => number + 0); // no −0
        expect(roundTrip(levels, rowCount, scan, 'none')).toEqual(levels);
      }),
    ));

  test('decode ∘ encode is the identity down trellises, whatever the scan and whichever rows and columns are dead', () =>
    fc.assert(
      fc.property(matrices, scans, fc.infiniteStream(fc.boolean()), ([rowCount, numbers], scan, dead) => {
        const columnCount = numbers.length / rowCount;
        const [deadRows, deadColumns] = [[...dead.take(rowCount)], [...dead.take(columnCount)]];
        const alive = numbers.map((number, i) =>
          deadRows[Math.floor(i / columnCount)] || deadColumns[i % columnCount] ? 0 : number,
        );
        const levels = trellisLevels(alive, rowCount);
        expect(followsTrellis(levels, rowCount)).toBe(true);
        expect(roundTrip(levels, rowCount, scan, scan.transposed ? 'lines' : 'columns')).toEqual(levels);
      }),
    ));

  test('decode ∘ encode is the identity along a vector', () =>
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 60 }), (numbers) => {
        const levels = trellisLevels(numbers, numbers.length);
        expect(roundTrip(levels, 1, PLAIN, 'lines')).toEqual(levels);
      }),
    ));

  test('cost little where rows differ in scale', () => {
    const levels = Int32Array.from({ length: 64 * 64 }, (_, i) => (i % 3 === 0 ? 1 : -1) << (i >> 9)); // ±1 … ±128
    // A table for all would need 3 bits for the size of each; here a row's first numbers tell.
    expect(encode(levels, 64, PLAIN, 'none').length).toBeLessThan(((1 + 0.35) * 64 * 64) / 8);
  });

  test('of a matrix without live lines are no bits', () => {
    expect(encode(new Int32Array(12), 3, PLAIN, 'none')).toHaveLength(0);
  });

  test('from bytes that mean something else stay within their bound or end in a CorruptDataError', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), scans, machines, (bytes, scan, of) => {
        const levels = new Int32Array(120);
        const places = rows(new Int32Array(120).fill(1), 10, scan);
        try {
          codeLevels(new ArithmeticDecoder(bytes), places, levels, 100, of, false);
          expect(largestOf(levels)).toBeLessThanOrEqual(100);
        } catch (error) {
          expect((error as Error).name).toBe('CorruptDataError');
        }
      }),
    ));
});
