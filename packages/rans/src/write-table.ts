import { BitWriter, gammaBits } from './_bit-writer.ts';
import type { Knot } from './polygon.ts';

/** All that a table says; _layout.ts draws how. */
export interface Table {
  /** Frequencies sum to 2^precision; 8…15. */
  readonly precision: number;
  /** 1 or 4. */
  readonly states: number;
  /** Levels to the doubling: 2^fineness, 0…3. */
  readonly fineness: number;
  /** Low bits of a change that are stored as they are, 0…3. */
  readonly order: number;
  /** Low bits of each symbol that are stored as they are, 0…16. */
  readonly rawBits: number;
  readonly knots: readonly Knot[];
}

/** Writes a table; `readTable` reads it. */
export function writeTable({ precision, states, fineness, order, rawBits, knots }: Table): Uint8Array {
  const writer = new BitWriter();
  writer.write(precision - 8, 3);
  writer.write(states > 1 ? 1 : 0, 1);
  writer.write(fineness, 2);
  writer.write(order, 2);
  writer.writeGamma(rawBits + 1);
  for (const { run, change } of knots) {
    writer.writeGamma(run);
    writer.writeGamma((zigzag(change) >> order) + 1);
    writer.write(zigzag(change) & (2 ** order - 1), order);
  }
  return writer.finish();
}

/** How many bits {@link writeTable} takes. */
export const tableBits = ({ order, rawBits, knots }: Table): number =>
  knots.reduce((bits, knot) => bits + knotBits(knot.run, knot.change, order), 8 + gammaBits(rawBits + 1));

/** How many bits a knot takes. */
export const knotBits = (run: number, change: number, order: number): number =>
  gammaBits(run) + gammaBits((zigzag(change) >> order) + 1) + order;

/** Places the differences 0, 1, −1, 2, −2, … in this order. */
const zigzag = (difference: number): number => (difference > 0 ? 2 * difference - 1 : -2 * difference);
