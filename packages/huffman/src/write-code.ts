import { ABSENCE } from './_layout.ts';
import type { PrefixCode } from './prefix-code.ts';

/** Takes a field of bits: a sink, or something that adds up widths. */
export type WriteBits = (value: number, width: number) => void;

/** Writes a code so that `readCode` finds its lengths again. */
export function writeCode(write: WriteBits, { symbols, lengths }: PrefixCode): void {
  let last = symbols[0]!;
  writeGamma(write, last + 1);
  write(lengths[last]!, 5);
  for (const symbol of symbols.slice(1)) {
    if (symbol > last + 1) {
      writeUnary(write, ABSENCE);
      writeGamma(write, symbol - last - 1);
    }
    const difference = lengths[symbol]! - lengths[last]!;
    const step = difference > 0 ? 2 * difference - 1 : -2 * difference;
    writeUnary(write, step < ABSENCE ? step : step + 1);
    last = symbol;
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
