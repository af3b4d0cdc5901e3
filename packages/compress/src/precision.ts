import { commonStep, followsTrellis } from '@pare/format';

/**
 * Estimates up to which squared error numbers that were quantised before are as good as quantised to that error: what a second
 * pass must leave alone.
 *
 * Multiples of one step are off by step²/12 each in the square; along a trellis, where each had but every other of them to choose
 * from, by 3.2 times that. Zeros count as far as there are numbers of the next sizes: more of them have been pruned. As our own
 * rounding by cost makes a larger error, and a few numbers a random one, 5 dB more are covered. Other numbers that repeat stand
 * for all that is nearer to them than to their neighbours: gap²/12, the nearer side counting, as tails thin out; 1.5 dB more are
 * covered.
 *
 * @param rows - of the matrix: a trellis runs down each column; default one column
 * @param gaps - whether numbers count that are no multiples of a step; default true
 * @returns Σ over numbers; Infinity if all non-zero ones are equal; 0 if numbers do not repeat much, as unquantised ones do not
 * @example
 * coveredError(Float32Array.of(0.25, 0.25, 0.75, 0.75, -0.25, 0.5)) // 0.10416666666666667
 */
export function coveredError(values: Float32Array, rows: number = values.length, gaps = true): number {
  const counts = new Map<number, number>();
  let kept = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0) continue;
    kept++;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > MOST_ENTRIES) return 0;
  }
  if (counts.size <= 1) return Infinity;
  const entries = [...counts].sort(([a], [b]) => a - b);
  const step = commonStep(Float32Array.from(entries, ([value]) => value));
  if (step !== undefined && !hasManyLevels(entries, step)) return latticeNoise(values, counts, step, rows) / 0.3;
  return gaps && kept >= REPEATS * counts.size ? gapNoise(entries) / 0.7 : 0;
}

/** Whether numbers are the few values of a codebook: at most 256, each used several times on average; zero is free. */
export function areFewValues(values: Float32Array): boolean {
  const seen = new Set<number>();
  let kept = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    kept++;
    seen.add(values[i]!);
    if (seen.size > FEW) return false;
  }
  return kept >= REPEATS * seen.size;
}

/** What a byte can tell apart. */
const FEW = 256;

/** More different numbers than a codebook can hold are not quantised ones. */
const MOST_ENTRIES = 65536;

/** Quantised numbers occur so many times on average, at least. */
const REPEATS = 4;

/** Anything short, like numbers of float16, has a common step: one that was rounded to is much of what lies between. */
const hasManyLevels = (entries: readonly (readonly [number, number])[], step: number): boolean => {
  const typical = entries.map(([value]) => Math.abs(value)).sort((a, b) => a - b)[entries.length >> 1]!;
  return typical / step > LEVELS_PER_ENTRY * entries.length;
};
const LEVELS_PER_ENTRY = 16;

/** A lattice of twice the step has four times the noise; the trellis takes about 1 dB off. */
const TRELLIS_NOISE = 3.2;

function latticeNoise(values: Float32Array, counts: ReadonlyMap<number, number>, step: number, rows: number): number {
  const levels = Int32Array.from(values, (value) => Math.round(value / step));
  const trellis = levels.some((level) => level % 2 !== 0) && followsTrellis(levels, rows);
  let kept = 0;
  for (const count of counts.values()) kept += count;
  let next = 0;
  for (const size of trellis ? [1, 2] : [1]) next += (counts.get(size * step) ?? 0) + (counts.get(-size * step) ?? 0);
  const zeros = Math.min(values.length - kept, 2 * next);
  return ((kept + zeros) * (trellis ? TRELLIS_NOISE : 1) * step * step) / 12;
}

function gapNoise(entries: readonly (readonly [number, number])[]): number {
  let noise = 0;
  for (const [i, [value, count]] of entries.entries()) {
    const left = i > 0 ? value - entries[i - 1]![0] : Infinity;
    const right = i + 1 < entries.length ? entries[i + 1]![0] - value : Infinity;
    noise += (count * Math.min(left, right) ** 2) / 12;
  }
  return noise;
}
