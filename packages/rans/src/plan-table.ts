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

export interface PlanOptions {
  /** 1 or 4; default: by the length of the stream. */
  readonly states?: number;
  /** Takes the first guess at raw bits and fineness: a quarter of the time, and hardly larger. Default false. */
  readonly quick?: boolean;
}

/**
 * Chooses the table that makes table and stream smallest together; undefined if no bytes are needed at all.
 *
 * @param histogram - how often each symbol occurs
 */
export function planTable(histogram: Uint32Array, options: PlanOptions = {}): Plan | undefined {
  if (histogram.subarray(1).every((count) => count === 0)) return undefined;
  let best: Plan | undefined;
  const likely = likelyRawBits(histogram);
  for (const rawBits of options.quick ? likely.slice(0, 1) : likely) {
    const plan = planParts(withoutLowBits(histogram, rawBits), rawBits, options);
    // Putting raw bits and parts together takes time, for which there must be a gain.
    const price = 1 + 0.001 * (+(rawBits > 0) - +((best?.table.rawBits ?? 0) > 0));
    if (best === undefined || plan.size * price < best.size) best = plan;
  }
  return best;
}

/** Climbs from a likely fineness as long as it pays, then draws once more, knowing order and precision. */
function planParts(histogram: Uint32Array, rawBits: number, { states, quick = false }: PlanOptions): Plan {
  const { count, used } = weigh(histogram);
  let best = planWith(
    histogram,
    rawBits,
    {
      // Two bits finer take about two bits more a part, and save the more, the more often parts occur.
      fineness: count < 20 * used ? 1 : count < 300 * used ? 2 : 3,
      order: 1,
      precision: Math.max(12, Math.min(15, Math.ceil(Math.log2(used)) + 5)),
    },
    states,
  );
  if (quick) return best;
  const attempt = (settings: Settings): boolean => {
    const next = planWith(histogram, rawBits, settings, states);
    const better = next.size < best.size;
    if (better) best = next;
    return better;
  };
  const finer = (step: number): boolean => {
    const { fineness, order, precision } = best.table;
    if (fineness + step < 0 || fineness + step > 3) return false;
    return attempt({ fineness: fineness + step, order: Math.max(0, Math.min(3, order + step)), precision });
  };
  if (finer(-1)) while (finer(-1));
  else while (finer(1));
  attempt(best.table);
  return best;
}

/** How many symbols a histogram counts, and how many kinds of them. */
function weigh(histogram: Uint32Array): { count: number; used: number } {
  let count = 0;
  let used = 0;
  for (const n of histogram) {
    count += n;
    if (n > 0) used++;
  }
  return { count, used };
}

/** The numbers of raw bits that promise most, at most two, by entropy and a rough price of the table. */
function likelyRawBits(histogram: Uint32Array): number[] {
  const guesses: { rawBits: number; bits: number }[] = [];
  for (let rawBits = 0; rawBits === 0 || histogram.length > 2 ** rawBits; rawBits++) {
    const parts = withoutLowBits(histogram, rawBits);
    const { count, used } = weigh(parts);
    if (used > MOST_PARTS) continue;
    let bits = count * (Math.log2(count) + rawBits) + 4 * used;
    let zeros = 0;
    for (const n of parts) {
      if (n > 0) {
        bits -= n * Math.log2(n);
        // Down to level 0, along, and up again.
        if (zeros > 0) bits += 10 + 2 * Math.log2(zeros);
        zeros = 0;
      } else zeros++;
    }
    guesses.push({ rawBits, bits });
  }
  guesses.sort((a, b) => a.bits - b.bits || a.rawBits - b.rawBits);
  const worthTrying = 1.01 * guesses[0]!.bits + 40;
  return guesses.filter(({ bits }, i) => i < 2 && bits <= worthTrying).map(({ rawBits }) => rawBits);
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

type Settings = Pick<Table, 'fineness' | 'order' | 'precision'>;

/** Draws a polygon for these settings, then takes the order and the precision that suit it best. */
function planWith(histogram: Uint32Array, rawBits: number, settings: Settings, states: number | undefined): Plan {
  const { fineness } = settings;
  const { count } = weigh(histogram);
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
