import { shortestIn } from './arithmetic-decode.ts';
import type { BitEncoder } from './bit-coder.ts';

/**
 * Writes bits at the cost of their surprise, −log2 p each: the mirror of {@link ArithmeticDecoder}.
 *
 * @example
 * const encoder = new ArithmeticEncoder();
 * encoder.code(0, 32768);
 * encoder.finish() // Uint8Array [128]
 */
export class ArithmeticEncoder implements BitEncoder {
  #bytes: Uint8Array = new Uint8Array(256);
  #size = 0;
  // The interval is [#low, #low + #range); #low may exceed 2³² by a carry that has not yet reached the byte held back.
  #low = 0;
  #range = 0xffffffff;
  // Byte held back because a carry may still raise it, and how many 0xff follow that would overflow with it. The very first
  // byte shifted out is the empty one left of the stream.
  #held = -1;
  #ones = 0;
  #bits = 0;

  code(bit: number, probability: number): number {
    this.#bits++;
    const range = this.#range;
    const bound = (range >>> 16) * probability + (((range & 0xffff) * probability) >>> 16);
    if (bit) {
      this.#range = bound;
    } else {
      this.#low += bound;
      this.#range = range - bound;
    }
    while (this.#range < 0x1000000) {
      this.#range *= 256;
      this.#shift();
    }
    return bit;
  }

  fail(code: string, explanation: string): never {
    throw new Error(`bug: the encoder met ${code}: ${explanation}`);
  }

  get bits(): number {
    return this.#bits;
  }

  get size(): number {
    return this.#size + this.#ones;
  }

  /** Ends the stream with the number in the interval that needs the fewest bytes. Call once. */
  finish(): Uint8Array {
    this.#low = shortestIn(this.#low, this.#range);
    for (let i = 0; i < 5; i++) this.#shift();
    let size = this.#size;
    // Only the last four: the decoder reads so many past the end and no more.
    for (let i = 0; i < 4 && size > 0 && this.#bytes[size - 1] === 0; i++) size--;
    return this.#bytes.slice(0, size);
  }

  /** Moves the top byte of #low out, unless a carry could still change it. */
  #shift(): void {
    const carry = this.#low >= 2 ** 32 ? 1 : 0;
    const top = Math.floor(this.#low / 2 ** 24) & 0xff;
    if (carry === 1 || top !== 0xff) {
      if (this.#held >= 0) this.#put(this.#held + carry);
      for (; this.#ones > 0; this.#ones--) this.#put(0xff + carry);
      this.#held = top;
    } else {
      this.#ones++;
    }
    this.#low = (this.#low % 2 ** 24) * 256;
  }

  #put(byte: number): void {
    if (this.#size === this.#bytes.length) {
      const grown = new Uint8Array(this.#size * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#size++] = byte;
  }
}
