import { ABSENT_RANKS, groupBits, zigzag } from './_table-layout.ts';
import { balancedLengths } from './balanced-lengths.ts';
import type { BitWriter } from './bit-writer.ts';
import { canonicalCode } from './canonical.ts';

/**
 * Writes code lengths so that `readTable` can rebuild the code, in the shortest of the ways that the layout offers.
 *
 * @param lengths - bits per symbol of a complete code, as from {@link codeLengths}
 * @throws RangeError if the lengths are no complete code
 * @example
 * const writer = new BitWriter();
 * writeTable(writer, [1, 2, 3, 3]);
 * writer.bitLength // 17
 */
export function writeTable(writer: BitWriter, lengths: ArrayLike<number>): void {
  canonicalCode(lengths); // checks them
  const used = trim(lengths);
  if (used === undefined) {
    writer.write(1, 1);
    writeGamma(writer, 1);
    writeGamma(writer, 1);
    return;
  }
  const { first, end } = used;
  const balanced = balancedLengths(first, end - first);
  if (balanced.every((length, symbol) => length === lengths[symbol])) {
    writer.write(1, 1);
    writeGamma(writer, first + 1);
    writeGamma(writer, end - first + 1);
    return;
  }
  const { predictor, shape, absent, steps } = smallestPlan(lengths, first, end);
  writer.write(0, 1);
  writeGamma(writer, first + 1);
  writer.write(lengths[first]!, 5);
  writer.write(predictor, 1);
  writer.write(shape, 2);
  writer.write(absent, 2);
  let afterAbsence = false;
  for (const { run, zigzagged } of steps) {
    writeRank(writer, shape, run > 0 ? ABSENT_RANKS[absent]! : moveUp(zigzagged, absent, afterAbsence));
    if (run > 0) writeGamma(writer, run);
    afterAbsence = run > 0;
  }
}

/** What follows the first symbol: `run` > 0 symbols that do not occur, or (run = 0) one that does. */
interface Step {
  readonly run: number;
  readonly zigzagged: number;
}

interface Plan {
  readonly predictor: number;
  readonly shape: number;
  readonly absent: number;
  readonly steps: readonly Step[];
}

/** Tries all 2 · 4 · 4 combinations; the first of the smallest wins. */
function smallestPlan(lengths: ArrayLike<number>, first: number, end: number): Plan {
  let best: Plan | undefined;
  let bestBits = Infinity;
  for (let predictor = 0; predictor < 2; predictor++) {
    const steps = stepsOf(lengths, first, end, predictor);
    for (let shape = 0; shape < 4; shape++) {
      for (let absent = 0; absent < ABSENT_RANKS.length; absent++) {
        const bits = rankBitsOf(steps, shape, absent); // the runs cost the same in each
        if (bits < bestBits) {
          best = { predictor, shape, absent, steps };
          bestBits = bits;
        }
      }
    }
  }
  return best!;
}

function stepsOf(lengths: ArrayLike<number>, first: number, end: number, predictor: number): Step[] {
  const steps: Step[] = [];
  let predicted = lengths[first]!;
  for (let symbol = first + 1; symbol < end; symbol++) {
    const start = symbol;
    while (lengths[symbol] === 0) symbol++; // ends: the last symbol occurs
    if (symbol > start) steps.push({ run: symbol - start, zigzagged: 0 });
    steps.push({ run: 0, zigzagged: zigzag(lengths[symbol]! - predicted) });
    if (predictor === 1) predicted = lengths[symbol]!;
  }
  return steps;
}

function rankBitsOf(steps: readonly Step[], shape: number, absent: number): number {
  let bits = 0;
  let afterAbsence = false;
  for (const { run, zigzagged } of steps) {
    bits += rankBits(shape, run > 0 ? ABSENT_RANKS[absent]! : moveUp(zigzagged, absent, afterAbsence));
    afterAbsence = run > 0;
  }
  return bits;
}

/** Makes room for the absence among the ranks. */
const moveUp = (rank: number, absent: number, afterAbsence: boolean): number =>
  afterAbsence || rank < ABSENT_RANKS[absent]! ? rank : rank + 1;

function rankBits(shape: number, rank: number): number {
  let group = 0;
  for (let rest = rank; rest >= 1 << groupBits(shape, group); group++) rest -= 1 << groupBits(shape, group);
  return group + 1 + groupBits(shape, group);
}

function writeRank(writer: BitWriter, shape: number, rank: number): void {
  let group = 0;
  let rest = rank;
  for (; rest >= 1 << groupBits(shape, group); group++) {
    rest -= 1 << groupBits(shape, group);
    writer.write(1, 1);
  }
  writer.write(0, 1);
  writer.write(rest, groupBits(shape, group));
}

function writeGamma(writer: BitWriter, value: number): void {
  const bits = 31 - Math.clz32(value);
  writer.write(2 ** bits - 1, bits + 1); // `bits` ones, then a zero
  writer.write(value - 2 ** bits, bits);
}

/** Finds the range of symbols that occur, or undefined if none does. */
function trim(lengths: ArrayLike<number>): { first: number; end: number } | undefined {
  let end = lengths.length;
  while (end > 0 && lengths[end - 1] === 0) end--;
  if (end === 0) return undefined;
  let first = 0;
  while (lengths[first] === 0) first++;
  return { first, end };
}
