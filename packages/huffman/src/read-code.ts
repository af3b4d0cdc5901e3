import { ABSENT_RANKS, groupBits, LONGEST_CODE, unzigzag } from './_code-layout.ts';
import type { BitSource } from './bit-source.ts';
import { type DecodingTable, decodingTable } from './decoding-table.ts';

/**
 * Reads the code that stands in front of the symbols, ready for decoding.
 *
 * @param alphabetSize - symbols must be below it
 * @param elementBytes - of the array that will receive the symbols
 * @param indexBits - of the table, at least
 * @throws CorruptDataError if the bits describe no complete code on this alphabet
 */
export function readCode(
  source: BitSource,
  alphabetSize: number,
  elementBytes: number,
  indexBits: number,
): DecodingTable {
  const { read, fail } = source;
  let symbol = readGamma(source) - 1;
  let length = read(5);
  const firstLength = length;
  const predictor = read(1);
  const shape = read(2);
  const absentRank = ABSENT_RANKS[read(2)]!;
  const symbols: number[] = [];
  const lengths: number[] = [];

  // Invariant: `unclaimed` is 1 − Σ 2^−length over the symbols read, in units of 2^−LONGEST_CODE. Each round claims some
  // of it and consumes a bit or more, so the loop ends however bad the bytes are.
  let unclaimed = 2 ** LONGEST_CODE;
  for (;;) {
    if (symbol >= alphabetSize) fail('symbol-out-of-range', `symbol ${symbol} of an alphabet of ${alphabetSize}`);
    if (length < 0 || length > LONGEST_CODE) fail('length-out-of-range', `a Huffman code of ${length} bits`);
    symbols.push(symbol++);
    lengths.push(length);
    unclaimed -= 2 ** (LONGEST_CODE - length);
    if (unclaimed < 0) fail('over-subscribed-code', 'over-subscribed Huffman code');
    if (unclaimed === 0) return decodingTable(symbols, lengths, elementBytes, indexBits);

    let rank = readRank(source, shape);
    if (rank === absentRank) {
      symbol += readGamma(source);
      rank = readRank(source, shape);
    } else if (rank > absentRank) {
      rank--;
    }
    length = (predictor ? length : firstLength) + unzigzag(rank);
  }
}

function readRank({ read }: BitSource, shape: number): number {
  let group = 0;
  let rank = 0;
  while (read(1)) rank += 1 << groupBits(shape, group++); // ends: reading past the end throws
  return rank + read(groupBits(shape, group));
}

function readGamma({ read }: BitSource): number {
  let bits = 0;
  while (bits < 17 && read(1)) bits++; // no valid number has 17; it ends up as a symbol out of range
  return 2 ** bits + read(bits);
}
