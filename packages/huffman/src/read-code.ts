import { ABSENCE, LONGEST_CODE } from './_layout.ts';
import type { BitSource } from './bit-source.ts';

/** The symbols of an alphabet that occur. */
export interface CodeLengths {
  /** In increasing order. */
  readonly symbols: readonly number[];
  /** Bits of the code of each of them. */
  readonly lengths: readonly number[];
}

/**
 * Reads the code that stands in front of the symbols: a complete one, Σ 2^−length = 1.
 *
 * @param alphabetSize - symbols must be below it
 * @throws CorruptDataError if there is no such code
 */
export function readCode({ read, fail }: BitSource, alphabetSize: number): CodeLengths {
  const readUnary = (): number => {
    let ones = 0;
    while (ones < 40 && read(1)) ones++; // no valid number has 40, as a step or as the width of a gamma
    return ones;
  };
  const readGamma = (): number => {
    const width = readUnary();
    return 2 ** width + read(width); // beyond any alphabet if the width is over 31, where read() makes no sense
  };
  const symbols: number[] = [];
  const lengths: number[] = [];
  let symbol = readGamma() - 1;
  let length = read(5);
  // Invariant: `unclaimed` is 1 − Σ 2^−length over the symbols read, in units of 2^−LONGEST_CODE. Each symbol claims some
  // of it and each step consumes a bit or more, so the loop ends however bad the bytes are.
  let unclaimed = 2 ** LONGEST_CODE;
  for (;;) {
    unclaimed -= 2 ** (LONGEST_CODE - length);
    if (symbol >= alphabetSize || length > LONGEST_CODE || unclaimed < 0) fail('invalid-code');
    symbols.push(symbol++);
    lengths.push(length);
    if (unclaimed === 0) return { symbols, lengths };
    let step = readUnary();
    while (step === ABSENCE) {
      symbol += readGamma();
      step = readUnary();
    }
    if (step > ABSENCE) step--;
    length += step & 1 ? (step + 1) >> 1 : -(step >> 1);
  }
}
