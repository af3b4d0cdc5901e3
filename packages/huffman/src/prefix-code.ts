import { LONGEST_CODE, LOOKUP_BITS, MOST_SYMBOLS } from './_layout.ts';
import { codeLengths } from './code-lengths.ts';

/** Options of {@link encodeHuffman} and {@link huffmanSize}. */
export interface HuffmanOptions {
  /**
   * Longest code allowed, in bits, 1…16. Default 12, or two more than the symbols that occur would take if all were alike, if
   * that is more. Decoders are fastest up to 12; 16 saves up to 0.4 % of the bytes.
   */
  readonly maxLength?: number;
}

/** A prefix code, in which the lengths alone determine the codes, and what it makes of a histogram. */
export interface PrefixCode {
  /** Those that occur, in increasing order. */
  readonly symbols: readonly number[];
  /** Bits of the code of each symbol of the alphabet; 0 if it does not occur, or alone. */
  readonly lengths: Uint8Array;
  /** Bits of the longest code. */
  readonly longest: number;
  /** Of all symbols. */
  readonly count: number;
  /** Of the codes of all symbols. */
  readonly bits: number;
}

/**
 * Finds the code in which a stream with this histogram is shortest.
 *
 * @throws RangeError if the counts are not integers ≥ 0, their sum is over 2^27, or `maxLength` is too short for so many symbols
 */
export function prefixCode(histogram: ArrayLike<number>, options: HuffmanOptions): PrefixCode {
  const symbols: number[] = [];
  let count = 0;
  for (let symbol = 0; symbol < histogram.length; symbol++) {
    count += histogram[symbol]!;
    if (histogram[symbol]! > 0) symbols.push(symbol);
  }
  const { maxLength = Math.min(LONGEST_CODE, Math.max(LOOKUP_BITS, 34 - Math.clz32(symbols.length - 1))) } = options;
  if (maxLength > LONGEST_CODE) {
    throw new RangeError(`huffman: "maxLength" expected an integer in 1…${LONGEST_CODE}, got ${maxLength}`);
  }
  if (count > MOST_SYMBOLS) {
    throw new RangeError(`huffman: "symbols" expected at most 2^27 = ${MOST_SYMBOLS}, got ${count}: split them`);
  }
  const lengths = codeLengths(histogram, { maxLength });
  if (symbols.length === 1) lengths[symbols[0]!] = 0;
  let longest = 0;
  let bits = 0;
  for (const symbol of symbols) {
    longest = Math.max(longest, lengths[symbol]!);
    bits += lengths[symbol]! * histogram[symbol]!;
  }
  return { symbols, lengths, longest, count, bits };
}
