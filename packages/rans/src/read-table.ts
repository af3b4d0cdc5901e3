import { STATES } from './_layout.ts';
import { CorruptDataError } from './corrupt-data.ts';
import { frequenciesOf } from './frequencies.ts';
import { type Knot, levelsOf } from './polygon.ts';

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
 * @throws CorruptDataError `truncated`, `length-out-of-range` or `impossible-table`
 */
export function readTable(bytes: Uint8Array, alphabetSize: number): DecodingTable {
  let bit = 0;
  const fail = (code: 'truncated' | 'length-out-of-range' | 'impossible-table', explanation: string): never => {
    throw new CorruptDataError(code, bit >> 3, explanation);
  };
  // Bits past the end are zeros, and with zeros the table soon ends.
  const read = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++, bit++) value |= ((bytes[bit >> 3]! >> (bit & 7)) & 1) << i;
    return value;
  };
  const gamma = (): number => {
    let bits = 0;
    while (read(1)) if (++bits > 16) fail('length-out-of-range', 'a number of more than 17 bits');
    return 2 ** bits + read(bits);
  };

  const precision = 8 + read(3);
  const states = read(1) ? STATES : 1;
  const fineness = read(2);
  const order = read(2);
  const rawBits = gamma() - 1;
  if (rawBits > 16) fail('length-out-of-range', `${rawBits} raw bits`);
  const parts = ((alphabetSize - 1) >> rawBits) + 1;
  const knots: Knot[] = [];
  for (let part = 0; part < parts; ) {
    const run = gamma();
    const zigzag = ((gamma() - 1) << order) | read(order);
    knots.push({ run, change: zigzag & 1 ? (zigzag + 1) >> 1 : -(zigzag >> 1) });
    part += run;
  }
  const byte = (bit + 7) >> 3;
  if (byte > bytes.length) fail('truncated', 'the table ends early');
  const starts = frequenciesOf(levelsOf(knots, parts, fineness), precision);
  if (starts === undefined) throw fail('impossible-table', 'no symbol occurs, or too many');

  const symbols = new Uint16Array(2 ** precision);
  const steps = new Uint32Array(2 ** precision);
  for (let symbol = 0; symbol < parts; symbol++) {
    const start = starts[symbol]!;
    const end = starts[symbol + 1]!;
    symbols.fill(symbol, start, end);
    for (let slot = start; slot < end; slot++) steps[slot] = (end - start) * 65536 + slot - start;
  }
  return { precision, states, rawBits, symbols, steps, byte };
}
