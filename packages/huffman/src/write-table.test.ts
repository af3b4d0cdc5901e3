import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { codeLengths } from './code-lengths.ts';
import { decodingTable } from './old-decoding-table.ts';
import { readTable } from './read-table.ts';
import { writeTable } from './write-table.ts';

const written = (lengths: ArrayLike<number>): { bits: number; bytes: Uint8Array } => {
  const writer = new BitWriter();
  writeTable(writer, lengths);
  return { bits: writer.bitLength, bytes: writer.finish() };
};

/** Reads back what was written; the reader must stop at its last bit. */
const readBack = (lengths: ArrayLike<number>): void => {
  const { bits, bytes } = written(lengths);
  const reader = new BitReader(bytes);
  expect(readTable(reader)).toEqual(decodingTable(lengths));
  expect(reader.position).toBe(bits);
};

test('tells two numbers of a code in which all are alike', () => {
  expect(written([3, 3, 3, 3, 3, 3, 3, 3]).bits).toBe(1 + 1 + 7); // flat, gamma(0 + 1), gamma(8 + 1)
  expect(written([0, 1, 2, 2]).bits).toBe(1 + 3 + 5);
});

test('tells a code whose lengths rise slowly in little more than a bit per symbol', () => {
  expect(written([1, 2, 3, 3]).bits).toBe(1 + 1 + 5 + 5 + (2 + 2 + 1));
});

describe('edges', () => {
  test('no symbol', () => {
    expect(written([]).bits).toBe(3);
    readBack([]);
    expect(written([0, 0, 0]).bytes).toEqual(written([]).bytes);
  });
  test('a lone symbol', () => {
    readBack([1]);
    readBack([0, 0, 0, 1]);
    readBack(new Uint8Array(65536).fill(1, 65535));
  });
  test('two symbols far apart', () => readBack(new Uint8Array(65536).fill(1, 0, 1).fill(1, 65535)));
  test('all symbols there can be', () => readBack(new Uint8Array(65536).fill(16)));
  test('the greatest difference of lengths, both ways', () => {
    const rising = Array.from({ length: 25 }, (_, i) => Math.min(i + 1, 24));
    readBack(rising);
    readBack(rising.toReversed());
    readBack([rising.at(-1)!, rising[0]!, ...rising.slice(1, -1)]);
  });
});

test('what was written is read back, whatever the predictor, shape and place of absences', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(fc.nat(1000), { maxLength: 80 }),
        fc.array(fc.oneof(fc.constant(0), fc.nat(9)), { maxLength: 300 }),
        fc.array(fc.nat(100_000), { maxLength: 20 }).map((a) => a.toSorted((x, y) => y - x)),
      ),
      fc.integer({ min: 9, max: 24 }),
      (histogram, maxLength) => readBack(codeLengths(histogram, { maxLength })),
    ),
    { seed: 1 },
  ));

test('refuses lengths that are no complete code', () => {
  expect(() => written([1, 2])).toThrow(RangeError);
});
