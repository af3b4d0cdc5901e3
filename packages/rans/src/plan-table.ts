import { STATES } from './_layout.ts';
import { frequenciesOf } from './frequencies.ts';
import { planPolygon } from './plan-polygon.ts';
import { type Knot, levelsOf } from './polygon.ts';
import { knotBits, type Table, tableBits } from './write-table.ts';

/** A table and what follows from it. */
export interface Plan {
  readonly table: Table;
  /** As from `frequenciesOf`. */
  readonly starts: Uint16Array;
  /** Bytes of table, raw bits and words together; expected, as the last few bits depend on the order of the symbols. */
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
  for (const rawBits of likelyRawBits(histogram)) {
    const plan = planParts(withoutLowBits(histogram, rawBits), rawBits, options.states);
    if (best === undefined || plan.size < best.size) best = plan;
  }
  return best;
}

/** Climbs from a middling fineness as long as it pays, then draws once more, knowing precision and order. */
function planParts(histogram: Uint32Array, rawBits: number, states: number | undefined): Plan {
  const used = histogram.reduce((n, count) => n + +(count > 0), 0);
  const settings = { fineness: 2, order: 1, precision: Math.max(12, Math.min(15, Math.ceil(Math.log2(used)) + 5)) };
  let best = planWith(histogram, rawBits, settings, states);
  for (const step of [-1, 1]) {
    while (best.table.fineness + step >= 0 && best.table.fineness + step <= 3) {
      const { fineness, order, precision } = best.table;
      const next = planWith(
        histogram,
        rawBits,
        { fineness: fineness + step, order: Math.max(0, Math.min(3, order + step)), precision },
        states,
      );
      if (next.size >= best.size) break;
      best = next;
    }
  }
  for (let round = 0; round < 2; round++) {
    const next = planWith(histogram, rawBits, best.table, states);
    if (next.size >= best.size) break;
    best = next;
  }
  return best;
}

/** The two numbers of raw bits that promise most, by entropy and a rough price of the table. */
function likelyRawBits(histogram: Uint32Array): number[] {
  const bits: { rawBits: number; size: number }[] = [];
  for (let rawBits = 0; rawBits === 0 || histogram.length > 2 ** rawBits; rawBits++) {
    const parts = withoutLowBits(histogram, rawBits);
    let total = 0;
    let used = 0;
    let size = 0;
    for (const count of parts) {
      if (count === 0) continue;
      total += count;
      used++;
      size -= count * Math.log2(count);
    }
    if (used > MOST_PARTS) continue;
    size += total * (Math.log2(total) + rawBits);
    bits.push({ rawBits, size: size + 4 * used });
  }
  bits.sort((a, b) => a.size - b.size || a.rawBits - b.rawBits);
  return bits.slice(0, 2).map(({ rawBits }) => rawBits);
}

// From so many bytes on four states pay: 11 bytes are little, and there is time to gain.
const LONG = 8192;

// More parts would need more slots than precision 15 has.
const MOST_PARTS = 2 ** 14;

function withoutLowBits(histogram: Uint32Array, rawBits: number): Uint32Array {
  const parts = new Uint32Array(((histogram.length - 1) >> rawBits) + 1);
  for (let i = 0; i < histogram.length; i++) parts[i >> rawBits]! += histogram[i]!;
  return parts;
}

/** Draws a polygon for these settings, then takes the order and the precision that suit it best. */
function planWith(
  histogram: Uint32Array,
  rawBits: number,
  settings: { readonly fineness: number; readonly order: number; readonly precision: number },
  states: number | undefined,
): Plan {
  const { fineness } = settings;
  const count = histogram.reduce((sum, n) => sum + n, 0);
  const knots = planPolygon(histogram, fineness, settings.order, settings.precision);
  const order = bestOrder(knots);
  const levels = levelsOf(knots, histogram.length, fineness);
  let best: Plan | undefined;
  for (let precision = 8; precision <= 15; precision++) {
    const starts = frequenciesOf(levels, precision);
    if (starts === undefined) continue;
    let bits = 0;
    for (let i = 0; i < levels.length; i++) {
      if (histogram[i]! > 0) bits += histogram[i]! * (precision - Math.log2(starts[i + 1]! - starts[i]!));
    }
    const words = (bits + count * looseness(precision)) / 8;
    const turns = states ?? (words < LONG ? 1 : STATES);
    const table: Table = { precision, states: turns, fineness, order, rawBits, knots };
    const size =
      Math.ceil(tableBits(table) / 8) + Math.ceil((count * rawBits) / 8) + Math.ceil(words + 3 * (turns - 1) + 1);
    if (best === undefined || size < best.size) best = { table, starts, size };
  }
  if (best === undefined) throw new Error(`bug: a polygon over ${histogram.length} parts without a precision`);
  return best;
}

/**
 * Bits that a symbol takes beyond −log2 of its frequency, on average, because states are integers and not far above 2^15.
 *
 * That a state x grows to T · ⌊x / f⌋ + … and not to x · T / f is an error of about T / x; to second order, which is what is
 * left on average, its square. Measured: 0.005 bits at precision 15.
 */
const looseness = (precision: number): number => 0.005 * 4 ** (precision - 15);

function bestOrder(knots: readonly Knot[]): number {
  const bits = [0, 1, 2, 3].map((order) =>
    knots.reduce((sum, { run, change }) => sum + knotBits(run, change, order), 0),
  );
  return bits.indexOf(Math.min(...bits));
}
