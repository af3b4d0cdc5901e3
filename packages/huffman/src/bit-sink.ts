/**
 * Bytes that are written bit by bit, the lowest bit of each byte first, as in deflate.
 *
 * That order lets a reader keep the next bits at the bottom of one integer: a table look-up is a mask, consuming is a
 * shift, and neither needs to know how many bits are there.
 */
export interface BitSink {
  /** All of them; those not written yet are zero. */
  readonly bytes: Uint8Array;
  /** Appends a field: `width` (0…31) bits of `value`, which has no more, lowest first. */
  readonly write: (value: number, width: number) => void;
  /** Appends for each symbol its code, of up to 16 bits. */
  readonly writeCodes: (symbols: ArrayLike<number>, codes: Uint16Array, lengths: Uint8Array) => void;
}

/**
 * Makes room for bits.
 *
 * ```
 * write(0b01, 2), write(0b110, 3):    byte 0 = ...11001
 *                                               └┬┘└┤ 2 bits of the first field, then 3 of the second
 * ```
 *
 * @param size - bytes there will be
 * @example
 * const sink = bitSink(1);
 * sink.write(0b01, 2);
 * sink.write(0b110, 3);
 * sink.bytes // Uint8Array [25]
 */
export function bitSink(size: number): BitSink {
  const bytes = new Uint8Array(size);
  let position = 0;
  return {
    bytes,
    write(value, width) {
      for (let i = 0; i < width; i++, position++) bytes[position >>> 3]! |= ((value >>> i) & 1) << (position & 7);
    },
    writeCodes(symbols, codes, lengths) {
      // Invariant: the low `held` (0…15) bits of `hold` belong to bytes[at] and the one after it, the others are zero.
      let at = position >>> 3;
      let held = position & 7;
      let hold = held > 0 ? bytes[at]! : 0;
      for (let i = 0; i < symbols.length; i++) {
        const symbol = symbols[i]!;
        hold |= codes[symbol]! << held; // at most 15 + 16 bits
        held += lengths[symbol]!;
        if (held >= 16) {
          bytes[at] = hold;
          bytes[at + 1] = hold >>> 8;
          at += 2;
          hold >>>= 16;
          held -= 16;
        }
      }
      position = at * 8 + held;
      for (; hold > 0; hold >>>= 8) bytes[at++] = hold;
    },
  };
}
