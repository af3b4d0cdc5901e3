/** Fields of bits, the lowest of each byte first. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #bit = 0;

  /** @param count - 0…31 */
  write(value: number, count: number): void {
    for (let i = 0; i < count; i++, this.#bit++) {
      if ((this.#bit & 7) === 0) this.#bytes.push(0);
      this.#bytes[this.#bit >> 3]! |= ((value >>> i) & 1) << (this.#bit & 7);
    }
  }

  /** Elias gamma. @param value - at least 1 */
  writeGamma(value: number): void {
    const bits = 31 - Math.clz32(value);
    this.write(2 ** bits - 1, bits + 1); // `bits` ones, then a zero
    this.write(value - 2 ** bits, bits);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** What `writeGamma` takes. */
export const gammaBits = (value: number): number => 63 - 2 * Math.clz32(value);
