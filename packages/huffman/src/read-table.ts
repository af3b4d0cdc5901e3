import { ABSENT_RANKS, groupBits, unzigzag } from './_table-layout.ts';
import { balancedLengths } from './balanced-lengths.ts';
import type { BitReader } from './bit-reader.ts';
import { LONGEST_CODE } from './canonical.ts';
import { type DecodingTable, decodingTable } from './old-decoding-table.ts';

/**
 * Reads the table that `writeTable` wrote.
 *
 * @param alphabetSize - symbols must be below it; 1…65536, default 65536
 * @throws CorruptDataError if the bytes describe no complete code on this alphabet
 * @example
 * const reader = new BitReader(Uint8Array.of(0b101_0_1)); // gamma(2 + 1), gamma(0 + 1), flat
 * decodeSymbols(reader, 2, readTable(reader)) // Uint16Array [0, 0]
 */
export function readTable(reader: BitReader, alphabetSize = 65536): DecodingTable {
  return decodingTable(readLengths(reader, alphabetSize));
}

/** Reads code lengths; what comes back is a complete code, a lone symbol, or empty. */
function readLengths(reader: BitReader, alphabetSize: number): Uint8Array {
  const flat = reader.read(1) === 1;
  const first = readGamma(reader) - 1;
  if (flat) {
    const count = readGamma(reader) - 1;
    checkSymbol(reader, first + count - 1, alphabetSize);
    return balancedLengths(first, count);
  }
  let length = reader.read(5);
  const predictor = reader.read(1);
  const shape = reader.read(2);
  const absentRank = ABSENT_RANKS[reader.read(2)]!;
  const firstLength = length;
  const lengths: number[] = [];

  // Invariant: `unclaimed` is 1 − Σ 2^−length over the symbols read, in units of 2^−24. Each round claims some of it and
  // consumes a bit or more, so the loop ends however bad the bytes are.
  let unclaimed = 2 ** LONGEST_CODE;
  for (let symbol = first; ; symbol++) {
    checkSymbol(reader, symbol, alphabetSize);
    if (length < 1 || length > LONGEST_CODE) {
      reader.fail('length-out-of-range', `a Huffman code of ${length} bits`);
    }
    while (lengths.length < symbol) lengths.push(0);
    lengths.push(length);
    unclaimed -= 2 ** (LONGEST_CODE - length);
    if (unclaimed < 0) reader.fail('over-subscribed-code', 'over-subscribed Huffman code');
    if (unclaimed === 0) return Uint8Array.from(lengths);

    let rank = readRank(reader, shape);
    if (rank === absentRank) {
      symbol += readGamma(reader);
      rank = readRank(reader, shape);
    } else if (rank > absentRank) {
      rank--;
    }
    length = (predictor === 1 ? length : firstLength) + unzigzag(rank);
  }
}

function checkSymbol(reader: BitReader, symbol: number, alphabetSize: number): void {
  if (symbol >= alphabetSize) {
    reader.fail('symbol-out-of-range', `symbol ${symbol} of an alphabet of ${alphabetSize}`);
  }
}

function readRank(reader: BitReader, shape: number): number {
  let group = 0;
  let rank = 0;
  while (reader.read(1) === 1) rank += 1 << groupBits(shape, group++); // ends: reading past the end throws
  return rank + reader.read(groupBits(shape, group));
}

function readGamma(reader: BitReader): number {
  let bits = 0;
  while (bits < 17 && reader.read(1) === 1) bits++; // no valid number has 17; it ends up as a symbol out of range
  return 2 ** bits + reader.read(bits);
}
