import { STATES } from './_layout.ts';
import { CorruptDataError } from './corrupt-data.ts';
import { frequenciesOf } from './frequencies.ts';
import { drawLine } from './polygon.ts';

/** A table ready for decoding, and what else the head of a stream says. */
export interface DecodingTable {
  /** Frequencies sum to 2^precision. */
  readonly precision: number;
  /** How many states take turns, 1 or 4. */
  readonly states: number;
  /** Low bits of each symbol that are stored as they are. */
  readonly rawBits: number;
  /** For each slot: its symbol, without the raw bits. */
  readonly symbols: Uint16Array;
  /** For each slot: frequency · 2^16 + (slot − start). */
  readonly steps: Uint32Array;
  /** Where the table ends. */
  readonly byte: number;
}

/**
 * Reads the table at the head of a stream. Its layout is drawn in write-table.ts.
 *
 * @param alphabetSize - symbols are below it
 * @throws CorruptDataError `impossible-table`
 */
export function readTable(bytes: Uint8Array, alphabetSize: number): DecodingTable {
  let bit = 0;
  // Bits past the end are zeros, and with zeros a table soon ends.
  const read = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++, bit++) value |= ((bytes[bit >> 3]! >> (bit & 7)) & 1) << i;
    return value;
  };
  // Damaged ones may be any number, infinity too.
  const gamma = (): number => {
    let bits = 0;
    while (read(1)) bits++;
    return 2 ** bits + read(bits);
  };

  const precision = 8 + read(3);
  const states = read(1) ? STATES : 1;
  const fineness = read(2);
  const order = read(2);
  const rawBits = Math.min(16, gamma() - 1);
  const levels = new Uint8Array(((alphabetSize - 1) >> rawBits) + 1);
  for (let part = 0, level = 0; part < levels.length; ) {
    const run = gamma();
    const zigzag = (gamma() - 1) * 2 ** order + read(order);
    const change = zigzag % 2 ? (zigzag + 1) / 2 : -zigzag / 2;
    drawLine(levels, part, level, { run, change }, fineness);
    part += run;
    level += change;
  }
  const byte = (bit + 7) >> 3;
  const starts = frequenciesOf(levels, precision);
  if (byte > bytes.length || starts === undefined) {
    throw new CorruptDataError(
      'impossible-table',
      Math.min(byte, bytes.length),
      'the table ends early or has no symbol or too many',
    );
  }

  const symbols = new Uint16Array(2 ** precision);
  const steps = new Uint32Array(2 ** precision);
  for (let part = 0; part < levels.length; part++) {
    const start = starts[part]!;
    const frequency = starts[part + 1]! - start;
    for (let i = 0; i < frequency; i++) {
      symbols[start + i] = part;
      steps[start + i] = frequency * 65536 + i;
    }
  }
  return { precision, states, rawBits, symbols, steps, byte };
}
