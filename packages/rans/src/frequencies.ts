/** Levels are logarithms of frequencies: this many to the doubling. */
export const LEVELS_PER_OCTAVE = 8;

/** Levels are below it, so that weights stay below 2^22 and all sums and products of {@link frequenciesOf} are exact. */
export const LEVELS = 128;

/** What a level weighs: 0 stands for a symbol that does not occur, each 8 levels more for twice as often. */
export const weightOf = (level: number): number => (level > 0 ? Math.round(64 * 2 ** (level / LEVELS_PER_OCTAVE)) : 0);

/**
 * Turns levels into frequencies that sum to 2^precision, in integers, so that encoder and decoder agree.
 *
 * A symbol with weight w has 1 + its share of what is left: with m symbols that occur, S = Σ w and W the weights before it,
 *
 *     start = (how many occur before) + ⌊W · (2^precision − m) / S⌋,   frequency = next start − start.
 *
 * Rounding the running sum, not each share, is what makes the sum come out; the 1 keeps rare symbols possible.
 *
 * @param levels - of each symbol, below 128
 * @param precision - 8…15
 * @returns the start of each symbol and, at the end, of the one after the last; undefined if no symbol occurs, or more
 * than 2^precision
 * @example
 * frequenciesOf([1, 0, 9], 8) // Uint16Array [0, 85, 85, 256]
 */
export function frequenciesOf(levels: ArrayLike<number>, precision: number): Uint16Array | undefined {
  const sums = new Float64Array(levels.length + 1);
  const starts = new Uint16Array(levels.length + 1);
  let used = 0;
  for (let i = 0; i < levels.length; i++) {
    sums[i + 1] = sums[i]! + weightOf(levels[i]!);
    starts[i + 1] = used += levels[i]! > 0 ? 1 : 0;
  }
  const rest = 2 ** precision - used;
  if (used === 0 || rest < 0) return undefined;
  return starts.map((start, i) => start + Math.floor((sums[i]! * rest) / sums[levels.length]!));
}
