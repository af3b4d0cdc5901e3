import { type BitCoder, codeBits } from '../bit-coder.ts';
import { AdaptiveBits } from '../mixture.ts';

/** Longest difference, in bits. */
const WIDEST = 32;

/**
 * Codes numbers that are mostly what is expected: whether each is, and if not, by how much it differs.
 *
 * ```
 * changed    adaptive, in the context of the two before it
 * sign       adaptive
 * size − 1   gamma, its unary part adaptive
 * ```
 *
 * Numbers are whole and of 32 bits; differences are taken modulo 2³².
 */
export class ChangeCoder {
  readonly #changed = new AdaptiveBits(4);
  readonly #sign = new AdaptiveBits(1);
  readonly #width = new AdaptiveBits(WIDEST + 1);
  #recent = 0;

  code(coder: BitCoder, expected: number, value: number): number {
    const changed = this.#changed.code(coder, this.#recent, value === expected ? 0 : 1);
    this.#recent = ((this.#recent << 1) | changed) & 3;
    if (changed === 0) return expected;
    const difference = (value - expected) | 0;
    const negative = this.#sign.code(coder, 0, difference < 0 ? 1 : 0);
    const size = this.#codeSize(coder, Math.abs(difference));
    return (expected + (negative ? -size : size)) | 0;
  }

  /** A number from 1 to 2³¹: how many bits it has, then the bits below the highest. */
  #codeSize(coder: BitCoder, size: number): number {
    const given = 31 - Math.clz32(size);
    let width = 0;
    while (this.#width.code(coder, width, width < given ? 1 : 0) === 1) {
      if (++width === WIDEST) coder.fail('number-out-of-range', 'a difference of over 32 bits');
    }
    return 2 ** width + codeBits(coder, size, width);
  }
}
