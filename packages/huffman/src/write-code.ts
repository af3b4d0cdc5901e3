import { ABSENT_RANKS, groupBits, zigzag } from './_code-layout.ts';
import type { PrefixCode } from './prefix-code.ts';

/** Takes a field of bits: its value and its width. A BitWriter's `write`, or something that adds up widths. */
export type WriteBits = (value: number, width: number) => void;

/** Writes a code so that `readCode` can rebuild it, in the shortest of the ways that the layout offers. */
export function writeCode(write: WriteBits, { symbols, lengths }: PrefixCode): void {
  const { predictor, shape, absent, steps } = smallestPlan(symbols, lengths);
  writeGamma(write, symbols[0]! + 1);
  write(lengths[symbols[0]!]!, 5);
  write(predictor, 1);
  write(shape, 2);
  write(absent, 2);
  for (const { run, rank } of steps) {
    if (run > 0) {
      writeRank(write, shape, ABSENT_RANKS[absent]!);
      writeGamma(write, run);
    }
    writeRank(write, shape, moveUp(run, rank, absent));
  }
}

/** What follows a symbol that occurs: `run` symbols that do not, and one that does, whose length has this rank. */
interface Step {
  readonly run: number;
  readonly rank: number;
}

interface Plan {
  readonly predictor: number;
  readonly shape: number;
  readonly absent: number;
  readonly steps: readonly Step[];
}

/** Tries all 2 · 4 · 4 combinations; the first of the smallest wins. */
function smallestPlan(symbols: Uint32Array, lengths: Uint8Array): Plan {
  let best: Plan | undefined;
  let bestBits = Infinity;
  for (let predictor = 0; predictor < 2; predictor++) {
    const steps = stepsOf(symbols, lengths, predictor);
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

function stepsOf(symbols: Uint32Array, lengths: Uint8Array, predictor: number): Step[] {
  const steps: Step[] = [];
  for (let i = 1; i < symbols.length; i++) {
    const predicted = lengths[symbols[predictor === 1 ? i - 1 : 0]!]!;
    steps.push({ run: symbols[i]! - symbols[i - 1]! - 1, rank: zigzag(lengths[symbols[i]!]! - predicted) });
  }
  return steps;
}

function rankBitsOf(steps: readonly Step[], shape: number, absent: number): number {
  let bits = 0;
  const add: WriteBits = (_, width) => {
    bits += width;
  };
  for (const { run, rank } of steps) {
    if (run > 0) writeRank(add, shape, ABSENT_RANKS[absent]!);
    writeRank(add, shape, moveUp(run, rank, absent));
  }
  return bits;
}

/** Makes room for the absence among the ranks, where there can be one: not just after another. */
const moveUp = (run: number, rank: number, absent: number): number =>
  run > 0 || rank < ABSENT_RANKS[absent]! ? rank : rank + 1;

function writeRank(write: WriteBits, shape: number, rank: number): void {
  let group = 0;
  let rest = rank;
  for (; rest >= 1 << groupBits(shape, group); group++) {
    rest -= 1 << groupBits(shape, group);
    write(1, 1);
  }
  write(0, 1);
  write(rest, groupBits(shape, group));
}

function writeGamma(write: WriteBits, value: number): void {
  const bits = 31 - Math.clz32(value);
  write(2 ** bits - 1, bits + 1); // `bits` ones, then a zero
  write(value - 2 ** bits, bits);
}
