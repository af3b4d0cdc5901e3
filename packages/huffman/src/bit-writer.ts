/**
 * Writes fields of bits into bytes, the least significant bit of each byte first, as deflate does.
 *
 * That order lets a reader keep the next bits at the bottom of one integer: a table look-up is a mask, consuming is a
 * shift, and neither needs to know how many bits are there.
 *
 * ```
 * write(0b01, 2), write(0b110, 3):    byte 0 = ...11001
 *                                               └┬┘└┤ 2 bits of the first field, then 3 of the second
 * ```
 *
 * @example
 * const writer = new BitWriter();
 * writer.write(0b01, 2);
 * writer.write(0b110, 3);
 * writer.finish() // Uint8Array [25]
 */
export class BitWriter {
  #bytes: Uint8Array = new Uint8Array(64);
  #size = 0;
  // Invariant between calls: the low #held (0…7) bits of #hold wait for their byte to fill, the others are zero.
  #hold = 0;
  #held = 0;

  /** Bits written so far. */
  get bitLength(): number {
    return this.#size * 8 + this.#held;
  }

  /**
   * Appends the low `count` bits of `value`, lowest first.
   *
   * @param value - integer in 0…2^count − 1; not checked
   * @param count - 0…32; not checked
   */
  write(value: number, count: number): void {
    if (count > 16) {
      this.write(value & 0xffff, 16);
      this.write(value >>> 16, count - 16);
      return;
    }
    this.#hold |= value << this.#held; // at most 7 + 16 bits
    this.#held += count;
    while (this.#held >= 8) {
      if (this.#size === this.#bytes.length) this.#grow();
      this.#bytes[this.#size++] = this.#hold;
      this.#hold >>>= 8;
      this.#held -= 8;
    }
  }

  /** Returns a copy of what was written, the last byte filled up with zero bits. The writer can go on. */
  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#size + (this.#held > 0 ? 1 : 0));
    bytes.set(this.#bytes.subarray(0, this.#size));
    if (this.#held > 0) bytes[this.#size] = this.#hold;
    return bytes;
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}
