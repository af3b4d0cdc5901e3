import type { Places } from './places.ts';
import type { Machines } from './trellis.ts';

/**
 * Takes part in a walk: the one description of a layout that both directions follow.
 *
 * A walk visits the bits of what it describes in order and hands each to the coder with the probability it expects. The
 * encoder's coder writes the bit and returns it; the decoder's ignores the argument and returns the bit it reads. So a walk
 * computes the same with either, and encoder and decoder cannot disagree.
 */
export interface BitCoder {
  /**
   * @param bit - 0 or 1; what a decoding coder is given does not matter
   * @param probability - that the bit is 1, in units of 2⁻¹⁶; 1…65535
   * @returns the bit, as written or as read
   */
  code(bit: number, probability: number): number;
  /** Says that what was read makes no sense. */
  fail(code: string, explanation: string): never;
  /** Tells a curious coder which stream the next bits belong to. */
  enter?(stream: string): void;
  /** Does the long walks itself, with the same bits. */
  readonly walks?: Walks;
}

/** A coder that writes, and tells how much. */
export interface BitEncoder extends BitCoder {
  /** Bits so far. */
  readonly bits: number;
  /** Bytes so far, within the few still in the interval. */
  readonly size: number;
  /** Ends the stream. Call once. */
  finish(): Uint8Array;
}

/** The loops over all places of a matrix: twins of `codeSymbols` and of what `codeLevels` does after the density. */
export interface Walks {
  /** @param prior - density to start from, or 0 if something is everywhere */
  symbols(
    places: Places,
    prior: number,
    mask: Uint8Array,
    indices: Uint16Array,
    negatives: number,
    positives: number,
  ): void;
  levels(places: Places, prior: number, levels: Int32Array, largest: number, machines: Machines): void;
}

/** Half, in units of 2⁻¹⁶: the probability of bits of which nothing is known. */
const EVEN = 32768;

/**
 * Codes a whole number in `count` bits, highest first, each bit costing a bit.
 *
 * @param count - 0…32
 */
export function codeBits(coder: BitCoder, value: number, count: number): number {
  let result = 0;
  for (let i = count - 1; i >= 0; i--) result = result * 2 + coder.code((value >>> i) & 1, EVEN);
  return result;
}

/**
 * Codes a whole number of unknown size in 2·⌊log2(v + 1)⌋ + 1 bits (Elias gamma of v + 1).
 *
 * @param value - 0…2³¹ − 2
 */
export function codeGamma(coder: BitCoder, value: number): number {
  const width = 31 - Math.clz32(value + 1);
  let bits = 0;
  while (coder.code(bits < width ? 1 : 0, EVEN) === 1) {
    if (++bits > 30) coder.fail('number-out-of-range', 'a number over 2^31');
  }
  return 2 ** bits + codeBits(coder, value + 1, bits) - 1; // codeBits takes the low `bits` bits
}

/** Codes a whole number of either sign: {@link codeGamma} of 0, 1, −1, 2, −2, … by rank. */
export function codeSigned(coder: BitCoder, value: number): number {
  const rank = codeGamma(coder, value > 0 ? 2 * value - 1 : -2 * value);
  return rank % 2 === 1 ? (rank + 1) / 2 : -(rank / 2);
}
