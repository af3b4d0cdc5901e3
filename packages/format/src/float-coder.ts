import { type BitCoder, codeBits } from './bit-coder.ts';
import { codeMantissaBits } from './codebook.ts';
import { AdaptiveBits } from './mixture.ts';

/** Codes floats: exponent by an adaptive tree, sign by an adaptive bit, then the mantissa bits that any of the values needs. */
export class FloatCoder {
  readonly #mantissa: number;
  readonly #bits = new AdaptiveBits(257);

  constructor(coder: BitCoder, mantissa = 0) {
    this.#mantissa = codeMantissaBits(coder, mantissa);
  }

  /** @param value - the 32 bits of the float */
  code(coder: BitCoder, value: number): number {
    const cut = 23 - this.#mantissa;
    const exponent = this.#bits.codeTree(coder, 0, (value >>> 23) & 0xff, 8);
    const sign = this.#bits.code(coder, 256, value >>> 31);
    const fraction = codeBits(coder, (value & 0x7fffff) >>> cut, this.#mantissa);
    return (((sign << 31) | (exponent << 23)) >>> 0) + fraction * 2 ** cut;
  }
}
