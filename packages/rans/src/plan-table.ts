import { frequenciesOf, LEVELS, LEVELS_PER_OCTAVE } from './frequencies.ts';
import { type Knot, type Table, tableBits } from './write-table.ts';

/** A table and what follows from it. */
export interface Plan {
  readonly table: Table;
  /** As from `frequenciesOf`. */
  readonly starts: Uint16Array;
  /** Table, raw bits and words, in bytes; expected, as the last few bits depend on the order of the symbols. */
  readonly size: number;
}

/**
 * Chooses the table that makes table and stream smallest together; undefined if no bytes are needed at all.
 *
 * @param histogram - how often each symbol occurs
 */
export function planTable(histogram: Uint32Array, options: { readonly states?: number } = {}): Plan | undefined {
  if (histogram.every((count, symbol) => symbol === 0 || count === 0)) return undefined;
  let best: Plan | undefined;
  for (let rawBits = 0; histogram.length > 2 ** rawBits; rawBits++) {
    const parts = withoutLowBits(histogram, rawBits);
    for (let fineness = 0; fineness < 4; fineness++) {
      for (let precision = 8; precision <= 15; precision++) {
        const plan = planWith(parts, rawBits, fineness, precision, options.states);
        if (plan && (best === undefined || plan.size < best.size)) best = plan;
      }
    }
  }
  return best;
}

function withoutLowBits(histogram: Uint32Array, rawBits: number): Uint32Array {
  const parts = new Uint32Array(((histogram.length - 1) >> rawBits) + 1);
  for (let i = 0; i < histogram.length; i++) parts[i >> rawBits]! += histogram[i]!;
  return parts;
}

function planWith(
  histogram: Uint32Array,
  rawBits: number,
  fineness: number,
  precision: number,
  states: number | undefined,
): Plan | undefined {
  const count = histogram.reduce((sum, n) => sum + n, 0);
  const most = Math.max(...histogram);
  const perOctave = 2 ** fineness;
  const top = Math.min((LEVELS * perOctave) / LEVELS_PER_OCTAVE - 1, Math.round(perOctave * Math.log2(most)) + 1);
  const levels = Array.from(histogram, (n) =>
    n > 0 ? Math.max(1, top - Math.round(perOctave * Math.log2(most / n))) : 0,
  );
  const starts = frequenciesOf(
    levels.map((level) => level << (3 - fineness)),
    precision,
  );
  if (starts === undefined) return undefined;
  const knots: Knot[] = [];
  for (let i = 0, level = 0; i < levels.length; ) {
    let run = 1;
    while (i + run < levels.length && levels[i + run] === levels[i] && levels[i] === level) run++;
    knots.push({ run, change: levels[i]! - level });
    level = levels[i]!;
    i += run;
  }
  let bits = 0;
  for (let i = 0; i < levels.length; i++) {
    if (histogram[i]! > 0) bits += histogram[i]! * (precision - Math.log2(starts[i + 1]! - starts[i]!));
  }
  const words = bits / 8;
  const turns = states ?? (words < 3000 ? 1 : words < 6000 ? 2 : words < 12000 ? 4 : 8);
  let best: Plan | undefined;
  for (let order = 0; order < 4; order++) {
    const table: Table = { precision, states: turns, fineness, order, rawBits, knots };
    const size =
      Math.ceil(tableBits(table) / 8) +
      Math.ceil((count * rawBits) / 8) +
      Math.ceil(words + (turns > 1 ? turns * 3 : 1));
    if (best === undefined || size < best.size) best = { table, starts, size };
  }
  return best;
}
