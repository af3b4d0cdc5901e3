import type { CodeLengths } from './read-code.ts';

/** What codes are looked up in. */
export interface DecodingTable {
  /**
   * Indexed by the next bits of the stream, first bit lowest. What they start with is one code or two:
   *
   * ```
   * bit 31…30   29   28…24   23…8     7…6   5…0
   *     bytes   0    first   symbols  0     length
   * ```
   *
   * `length` bits are consumed. They stand for `symbols`, lowest byte first, of which `bytes` count: one symbol of one
   * or two bytes, or two symbols of a byte each. `first` bits of the `length` are the code of the first symbol.
   */
  readonly entries: Int32Array;
  /** Bits of the longest code. 0 if there is one symbol only: its code has no bits. */
  readonly longest: number;
}

/**
 * Prepares a complete code for decoding.
 *
 * @param elementBytes - of the array that will receive the symbols; entries hold two of them only if it is 1
 * @param indexBits - indices have as many bits or, if that is more, as the longest code
 */
export function decodingTable(
  { symbols, lengths }: CodeLengths,
  elementBytes: number,
  indexBits: number,
): DecodingTable {
  let longest = 0;
  for (const length of lengths) longest = Math.max(longest, length);
  const bits = Math.max(longest, indexBits);
  const entries = new Int32Array(1 << bits);

  // Canonical codes count up in the order of (length, symbol), and so do all indices that start with them if the first
  // bit is the highest. Here it is the lowest, hence `index` counts with its bits reversed.
  let index = 0;
  for (let length = 0; length <= longest; length++) {
    for (let i = 0; i < symbols.length; i++) {
      if (lengths[i] !== length) continue;
      for (let left = 1 << (bits - length); left > 0; left--) {
        entries[index] = (elementBytes << 30) | (length << 24) | (symbols[i]! << 8) | length;
        let bit = 1 << (bits - 1);
        for (; index & bit; bit >>= 1) index ^= bit;
        index |= bit;
      }
    }
  }
  if (elementBytes === 1) pairUp(entries, bits);
  return { entries, longest };
}

/** Lets each entry stand for two symbols if a second code fits in the bits of its index. */
function pairUp(entries: Int32Array, bits: number): void {
  // Downwards, so that what is looked up at a lower index still stands for one symbol.
  for (let index = entries.length - 1; index >= 0; index--) {
    const one = entries[index]!;
    const two = entries[index >> (one & 63)]!; // the bits above those known are zero here: right if not used
    if ((one & 63) + (two & 63) <= bits) {
      entries[index] = (2 << 30) | (one & 0x1f00ff00) | ((two & 0xff00) << 8) | ((one & 63) + (two & 63));
    }
  }
}
