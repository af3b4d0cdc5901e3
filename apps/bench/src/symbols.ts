import { type Random, seededRandom } from '@pare/core';

/** Symbols as compressed layers have them. */
export interface Symbols {
  readonly name: string;
  readonly alphabetSize: number;
  readonly symbols: Uint8Array;
}

/** 9 % of the weights are kept, as in AlexNet's large layers, where they may be: gaps are geometric. */
const DENSITY = 0.09;

/** The four kinds of symbol streams of the design notes (KERNELS.md, section 4): 4 Mi symbols each. */
export function* symbolKinds(count: number = 2 ** 22): Generator<Symbols> {
  const random = seededRandom(1);
  yield drawn('codes16', 16, count, bell(16, 2.18, random.fork('codes16')));
  yield drawn('gaps', 256, count, gaps(255, random.fork('gaps')));
  yield drawn('codes256', 256, count, bell(256, 27, random.fork('codes256')));
  yield drawn('EIE bytes', 256, count, eieBytes(random.fork('EIE bytes')));
}

const drawn = (name: string, alphabetSize: number, count: number, draw: () => number): Symbols => ({
  name,
  alphabetSize,
  symbols: Uint8Array.from({ length: count }, draw),
});

/** A normal distribution around the middle of the alphabet. */
function bell(alphabetSize: number, deviation: number, random: Random): () => number {
  return () => Math.max(0, Math.min(alphabetSize - 1, Math.round(alphabetSize / 2 + deviation * random.normal())));
}

/** How many weights are pruned before the next kept one. */
function gaps(longest: number, random: Random): () => number {
  return () => Math.min(longest, Math.floor(Math.log(1 - random.float()) / Math.log1p(-DENSITY)));
}

/** A 4-bit gap and a 4-bit code in a byte; where a gap is too long, a filler of code 0 bridges 15 zeros and itself. */
function eieBytes(random: Random): () => number {
  const nextGap = gaps(Infinity, random);
  const nextCode = bell(16, 2.18, random);
  let gap = nextGap();
  return () => {
    if (gap > 15) {
      gap -= 16;
      return 15;
    }
    const byte = gap | (Math.max(1, nextCode()) << 4);
    gap = nextGap();
    return byte;
  };
}
