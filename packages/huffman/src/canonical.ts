import { reverseBits } from './_reverse-bits.ts';

/**
 * Assigns the canonical codes: in numerical order to the symbols sorted by (length, symbol), each the one before plus one,
 * followed by as many zeros as the length has grown.
 *
 * With lengths 2, 1, 0, 2: symbol 1 is `0`, symbol 0 is `10`, symbol 3 is `11`.
 *
 * @param lengths - bits per symbol of a complete code, 0…16; 0 = does not occur, or alone
 * @returns the code of each symbol, reversed: its first bit is the lowest, ready to be written
 * @example
 * canonicalCodes(Uint8Array.of(2, 1, 0, 2)) // Uint16Array [1, 0, 0, 3]
 * @see Deutsch 1996, RFC 1951, section 3.2.2
 */
export function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    for (let symbol = lengths.indexOf(length); symbol >= 0; symbol = lengths.indexOf(length, symbol + 1)) {
      codes[symbol] = reverseBits(code++, length);
    }
    code *= 2;
  }
  return codes;
}
