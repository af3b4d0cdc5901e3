import { reverseBits } from './_reverse-bits.ts';

/** A prefix code in which the lengths alone determine the codes. */
export interface CanonicalCode {
  /** Bits written for each symbol; 0 for a symbol that does not occur, and for one that occurs alone. */
  readonly lengths: Uint8Array;
  /** The code of each symbol, reversed: its first bit is the lowest, ready for a `BitWriter`. */
  readonly codes: Uint32Array;
  /** The symbol that occurs alone and is therefore written with no bits, or −1. */
  readonly lone: number;
}

/** The longest code anything here handles: four bytes always hold a whole code, wherever in a byte it starts. */
export const LONGEST_CODE = 24;

/**
 * Assigns the canonical code: codes in numerical order to the symbols sorted by (length, symbol).
 *
 * With N(l) symbols of length l, the first code of length l is first(l) = 2·(first(l − 1) + N(l − 1)), and the symbols
 * of that length take the codes from there on.
 *
 * The code must be complete, Σ 2^−length = 1: then each string of bits decodes to something and no bit is wasted. The
 * one exception is a symbol that occurs alone, marked by a length of 1, which is written with no bits.
 *
 * With lengths 2, 1, 0, 2: symbol 1 is `0`, symbol 0 is `10`, symbol 3 is `11`.
 *
 * @param lengths - bits per symbol, 0…24; 0 = does not occur
 * @throws RangeError if a length is outside 0…24, or the code is over-subscribed or incomplete
 * @example
 * canonicalCode([2, 1, 0, 2]).codes // Uint32Array [1, 0, 0, 3]
 * @see Deutsch 1996, RFC 1951, section 3.2.2
 */
export function canonicalCode(lengths: ArrayLike<number>): CanonicalCode {
  const histogram = lengthHistogram(lengths);
  const codes = new Uint32Array(lengths.length);
  if (histogram[0] === lengths.length - 1 && histogram[1] === 1) {
    return { lengths: new Uint8Array(lengths.length), codes, lone: Array.prototype.indexOf.call(lengths, 1) };
  }
  const next = new Uint32Array(LONGEST_CODE + 1);
  let code = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    next[length] = code;
    code = (code + histogram[length]!) * 2;
  }
  // code is now the sum of 2^−length in units of 2^−25, or 0 if nothing occurs.
  if (code !== 0 && code !== 2 ** (LONGEST_CODE + 1)) {
    const fault = code > 2 ** (LONGEST_CODE + 1) ? 'over-subscribed' : 'incomplete';
    throw new RangeError(`canonicalCode: "lengths" expected a complete code, got one that is ${fault}`);
  }
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length > 0) codes[symbol] = reverseBits(next[length]!++, length);
  }
  return { lengths: Uint8Array.from(lengths), codes, lone: -1 };
}

/** Counts how many symbols have each length. */
function lengthHistogram(lengths: ArrayLike<number>): Uint32Array {
  const histogram = new Uint32Array(LONGEST_CODE + 1);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (!(length >= 0 && length <= LONGEST_CODE)) {
      throw new RangeError(
        `canonicalCode: "lengths" expected values in 0…${LONGEST_CODE}, got ${length} at index ${symbol}`,
      );
    }
    histogram[length]!++;
  }
  return histogram;
}
