import { ABSENCE } from './_code-layout.ts';
import type { PrefixCode } from './prefix-code.ts';

/** Takes a field of bits: its value and its width. A BitWriter's `write`, or something that adds up widths. */
export type WriteBits = (value: number, width: number) => void;

/** Writes a code so that `readCode` finds its lengths again. */
export function writeCode(write: WriteBits, { symbols, lengths }: PrefixCode): void {
  let next = symbols[0]!;
  let predicted = lengths[next]!;
  writeGamma(write, next + 1);
  write(predicted, 5);
  next++;
  for (const symbol of symbols.subarray(1)) {
    if (symbol > next) {
      writeUnary(write, ABSENCE);
      writeGamma(write, symbol - next);
    }
    const difference = lengths[symbol]! - predicted;
    const step = difference > 0 ? 2 * difference - 1 : -2 * difference;
    writeUnary(write, step < ABSENCE ? step : step + 1);
    predicted = lengths[symbol]!;
    next = symbol + 1;
  }
}

function writeGamma(write: WriteBits, value: number): void {
  const width = 31 - Math.clz32(value);
  writeUnary(write, width);
  write(value - 2 ** width, width);
}

const writeUnary = (write: WriteBits, value: number): void => {
  for (let i = 0; i < value; i++) write(1, 1);
  write(0, 1);
};
