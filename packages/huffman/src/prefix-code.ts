import { LONGEST_CODE } from './_code-layout.ts';
import { codeLengths } from './code-lengths.ts';

/** Options of `encodeHuffman` and `huffmanSize`. */
export interface HuffmanOptions {
  /**
   * Longest code allowed, in bits, 1…16. Default 11, or two more than the symbols that occur take in plain bits, if that
   * is more: decoders are fastest up to 11, which costs less than 0.1 % of the bytes.
   */
  readonly maxLength?: number;
}

/** A prefix code in which the lengths alone determine the codes. */
export interface PrefixCode {
  /** Those that occur, in increasing order. */
  readonly symbols: Uint32Array;
  /** Bits of the code of each symbol of the alphabet; 0 if it does not occur, or alone. */
  readonly lengths: Uint8Array;
  /** Bits of the longest code. */
  readonly longest: number;
}

/** Makes the code in which a stream with this histogram is shortest. */
export function prefixCode(histogram: ArrayLike<number>, options: HuffmanOptions): PrefixCode {
  const symbols = Uint32Array.from(Array.from(histogram).keys()).filter((symbol) => histogram[symbol]! > 0);
  const { maxLength = Math.min(LONGEST_CODE, Math.max(11, 34 - Math.clz32(symbols.length - 1))) } = options;
  const lengths = codeLengths(histogram, { maxLength });
  if (symbols.length === 1) lengths[symbols[0]!] = 0;
  return { symbols, lengths, longest: lengths.reduce((a, b) => Math.max(a, b), 0) };
}
