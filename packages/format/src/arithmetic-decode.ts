import { CorruptDataError } from '@pare/core';
import type { BitCoder } from './bit-coder.ts';

/** Bytes the decoder may read past the end: those an encoder may have dropped from its last four, being zero. */
const LOOKAHEAD = 4;

/**
 * Most bits that a record of `adaptive@1` may stand for.
 *
 * What is certain costs nearly nothing: a bit of probability 1 − 2⁻¹² takes 1/2,839 of a bit, so that without a bound 12 kB could
 * keep a reader busy with 2²⁸ of them. Rows of dead places, a million at most, may be as cheap as that; what goes on for
 * longer must say a bit in 32.
 *
 * @param size - of the record, in bytes
 */
export const mostBits = (size: number): number => 2 ** 20 + 256 * size;

/**
 * Reads bits whose probabilities are told one by one (a binary range decoder, 32 bits, carries resolved by the encoder).
 *
 * Of the interval [0, range) the lower part, bound = ⌊range · p / 2¹⁶⌋, stands for a 1. Whenever range falls below 2²⁴, the
 * next byte comes in from the right.
 *
 * @example
 * new ArithmeticDecoder(Uint8Array.of(0x80)).code(0, 32768) // 0
 * @see Martin 1979, "Range encoding"; the byte-wise form with carries is that of Pavlov's LZMA
 */
export class ArithmeticDecoder implements BitCoder {
  readonly #bytes: Uint8Array;
  // [range, code, bits that may still come], in an array because numbers over 2³¹ are slow as fields.
  // Invariants: code < range ≤ 2³² − 1, and range ≥ 2²⁴ between calls.
  readonly #state = Uint32Array.of(0xffffffff, 0, 0);
  #next = 0;

  /** @param most - bits that are read before the stream is refused, below 2³²; default 2³² − 1 */
  constructor(bytes: Uint8Array, most = 0xffffffff) {
    this.#bytes = bytes;
    this.#state[2] = Math.min(most, 0xffffffff);
    for (let i = 0; i < 4; i++) this.#state[1] = (this.#state[1]! << 8) | (bytes[this.#next++] ?? 0);
    if (this.#state[1] === 0xffffffff) this.fail('not-a-stream', 'no encoder starts like this');
  }

  code(_bit: number, probability: number): number {
    const state = this.#state;
    if (state[2]!-- === 0) this.fail('limit', 'more bits than so few bytes may stand for');
    let range = state[0]!;
    let code = state[1]!;
    // ⌊range · p / 2¹⁶⌋ in two halves, so that no product leaves 32 bits.
    const bound = (Math.imul(range >>> 16, probability) + (Math.imul(range & 0xffff, probability) >>> 16)) >>> 0;
    let bit = 1;
    if (code < bound) {
      range = bound;
    } else {
      code -= bound;
      range -= bound;
      bit = 0;
    }
    while (range < 0x1000000) {
      range = (range << 8) >>> 0;
      code = ((code << 8) | this.#nextByte()) >>> 0;
    }
    state[0] = range;
    state[1] = code;
    return bit;
  }

  #nextByte(): number {
    const next = this.#next++;
    if (next < this.#bytes.length) return this.#bytes[next]!;
    if (next >= this.#bytes.length + LOOKAHEAD) this.fail('truncated', 'the data ends early');
    return 0;
  }

  fail(code: string, explanation: string): never {
    throw new CorruptDataError(code, Math.min(this.#next, this.#bytes.length), explanation);
  }

  /**
   * Checks that the stream ends here and as the encoder ends it, so that there is one stream for each content.
   *
   * @throws CorruptDataError `trailing-data` if not
   */
  expectEnd(): void {
    const [range, code] = this.#state;
    if (!endsThere(this.#bytes, this.#next, range!, code!))
      this.fail('trailing-data', 'there is more data than expected');
  }
}

/** Whether a decoder in this state, about to read byte `next`, has read all that an encoder would have written, and no more. */
export function endsThere(bytes: Uint8Array, next: number, range: number, code: number): boolean {
  let value = 0;
  for (let i = next - 4; i < next; i++) value = value * 256 + (bytes[i] ?? 0);
  const trimmed = bytes.length === next - 4 || bytes[bytes.length - 1] !== 0;
  return next >= bytes.length && trimmed && value === shortestIn(value - code, range);
}

/**
 * Finds the number in [low, low + range) that ends in the most zero bytes: what an encoder ends its stream with.
 *
 * @param low - may be below zero, or above 2³², by a carry
 */
export function shortestIn(low: number, range: number): number {
  for (let unit = 2 ** 32; unit > 1; unit /= 256) {
    const value = Math.ceil(low / unit) * unit;
    if (value < low + range) return value;
  }
  return low;
}
