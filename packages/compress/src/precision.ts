import { TRELLIS_NEXT } from '@pare/rate-distortion';

/**
 * Estimates the noise that earlier quantisation has left in numbers: a number that stands for all between half-way to its
 * neighbours, h to the left and g to the right, is off by about (h + g)²/12 in the square; and if the numbers are multiples of one
 * step along a trellis, by about 3.2 times that, as each had but every other of them to choose from.
 *
 * Zeros do not count: they may be pruned ones.
 *
 * @returns Σ over numbers; Infinity if all non-zero ones are equal; 0 if numbers do not repeat much, as unquantised ones do not
 * @example
 * impliedNoise(Float32Array.of(1, 1, 1, 1, 3, 3, 3, 3)) // 8 · 2² / 12 = 2.6666666666666665
 */
export function impliedNoise(values: Float32Array): number {
  const counts = new Map<number, number>();
  const most = Math.min(MOST_ENTRIES, values.length / REPEATS);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > most) return 0;
  }
  if (counts.size <= 1) return Infinity;
  const entries = [...counts].sort(([a], [b]) => a - b);
  let noise = 0;
  let step = Infinity;
  for (const [i, [value, count]] of entries.entries()) {
    const left = i > 0 ? value - entries[i - 1]![0] : undefined;
    const right = i + 1 < entries.length ? entries[i + 1]![0] - value : undefined;
    // At either end what is beyond looks like what is within. Tails thin out: a gap there says little, so the nearer side counts.
    const gap = Math.min(left ?? right!, right ?? left!);
    noise += (count * gap * gap) / 12;
    step = Math.min(step, gap);
  }
  return isTrellis(values, step) ? TRELLIS_NOISE * noise : noise;
}

/** More different numbers than a codebook can hold are not quantised ones. */
const MOST_ENTRIES = 65536;

/** Quantised numbers occur so many times on average, at least. */
const REPEATS = 4;

/** A lattice of twice the step has four times the noise; the trellis takes about 1 dB off. */
const TRELLIS_NOISE = 3.2;

/** Whether numbers are multiples of the step, along a path of the trellis that also visits odd ones. */
function isTrellis(values: Float32Array, step: number): boolean {
  let state = 0;
  let odd = false;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!) / step;
    const level = Math.round(size);
    const half = state & 1;
    if (Math.abs(size - level) > 1e-3 || (level > 0 && (level & 1) !== half)) return false;
    odd ||= half === 1 && level > 0;
    state = TRELLIS_NEXT[2 * state + (((level + half) >> 1) & 1)]!;
  }
  return odd;
}
