import { reverseBits } from './_reverse-bits.ts';
import { LONGEST_CODE } from './canonical.ts';

// Because 2^11 entries of 4 bytes stay in the first-level cache, and a code that is longer for its rarity comes only
// once in 2^11 symbols.
export const LOOKUP_BITS = 11;

/** What {@link decodeSymbols} looks codes up in. The fields are its business: treat a table as opaque. */
export interface DecodingTable {
  /** Symbols that occur, in the order of their codes. */
  readonly symbols: Uint16Array;
  /** How many symbols have each length. */
  readonly counts: Uint32Array;
  /** Length of the shortest code in bits; 0 for a lone symbol, or none. */
  readonly minLength: number;
  /**
   * Indexed by the next LOOKUP_BITS bits of the stream, first bit lowest: symbol << 4 | length of the code that they
   * start with. A length of 0 says that the code is longer; in place of the symbol stand the bits, first bit highest.
   */
  readonly entries: Int32Array;
  /** One more than the highest symbol that occurs. */
  readonly alphabetSize: number;
}

/**
 * Prepares a code for decoding.
 *
 * @param lengths - bits per symbol of a complete code, or 1 for a lone symbol
 * @throws RangeError if the lengths are no complete code
 * @example
 * decodeSymbols(new BitReader(Uint8Array.of(0b011010)), 4, decodingTable([1, 2, 2])) // Uint16Array [0, 1, 2, 0]
 */
export function decodingTable(lengths: ArrayLike<number>): DecodingTable {
  const bytes = Uint8Array.from(lengths);
  const entries = new Int32Array(2 ** LOOKUP_BITS);
  const counts = new Uint32Array(LONGEST_CODE + 1);
  const symbols: number[] = [];
  // Invariant: `code` is the canonical code, first bit highest, of the next symbol of this length; see canonicalCode.
  let code = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    for (let symbol = bytes.indexOf(length); symbol >= 0; symbol = bytes.indexOf(length, symbol + 1)) {
      if (length <= LOOKUP_BITS) {
        // Each index whose low `length` bits are the code.
        for (let bits = reverseBits(code, length); bits < entries.length; bits += 1 << length) {
          entries[bits] = (symbol << 4) | length;
        }
      }
      symbols.push(symbol);
      counts[length]!++;
      code++;
    }
    if (length === LOOKUP_BITS) {
      // What short codes left over are the first bits of long ones.
      for (let bits = code; bits < entries.length; bits++) entries[reverseBits(bits, LOOKUP_BITS)] = bits << 4;
    }
    code *= 2;
  }
  const isLone = symbols.length === 1 && counts[1] === 1;
  // `code` is now Σ 2^−length in units of 2^−25.
  if (symbols.length > 0 && !isLone && code !== 2 ** (LONGEST_CODE + 1)) {
    throw new RangeError('decodingTable: "lengths" expected a complete code');
  }
  return {
    symbols: Uint16Array.from(symbols),
    counts,
    minLength: isLone ? 0 : (bytes[symbols[0]!] ?? 0),
    entries,
    alphabetSize: bytes.findLastIndex((length) => length > 0) + 1,
  };
}
