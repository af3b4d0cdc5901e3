import type { LatticeOptions } from './lattice.ts';
import { MOST_SIZES, type SizeCounts } from './rates.ts';

/*
 * Dependent quantisation, also known as trellis-coded. Two quantisers share the multiples of one step: Q0 has the even ones,
 * Q1 the odd ones and zero. Which of them holds for a number follows from a machine of eight states, driven by the parity of
 * what was chosen before:
 *
 *     Q0: level = 2k          Q1: level = 2k − sign(k)          next state = NEXT[2 · state + (k & 1)],  Q1 in odd states
 *
 * A coder that knows the machine needs to write k only, as for a lattice of step 2; but the levels can be steered onto the finer
 * one. Seen from the space of all numbers, the points lie more like spheres packed densely than like cubes, which is worth
 * about 1 dB of error at equal size. The best path through the states is found by dynamic programming (Viterbi).
 *
 * Each column of a matrix has a machine of its own, which begins in state 0 and runs down the rows. So columns may be quantised
 * one after the other, in any order, each making up for the errors of those before.
 */

/** `TRELLIS_NEXT[2 · state + parity of k]`; a machine begins in state 0. */
export const TRELLIS_NEXT: Uint8Array = /* @__PURE__ */ Uint8Array.of(0, 2, 7, 5, 1, 3, 6, 4, 2, 0, 5, 7, 3, 1, 4, 6);

/** Numbers after which the best path is taken as settled. Paths that meet do so within some tens of numbers. */
const BLOCK = 4096;

/** Columns that are taken out of a matrix at once, to lie one after the other: 16 float32 fill a cache line. */
const TILE = 16;

/** How a matrix becomes levels down trellises. */
export interface TrellisOptions extends LatticeOptions {
  /** Of the matrix, a divisor of the numbers; default one column. */
  readonly rows?: number;
}

/**
 * Finds the levels along paths of the trellis, one down each column, for which Σ (w/step − level)² + slope · Σ bits(|k|) is
 * least. Zeros stay zero.
 *
 * @param values - a matrix, row-major
 * @param counts - receives the sizes |k|, by quantiser
 * @param out - receives the levels
 * @returns Σ (w − step · level)², each row times its importance
 * @see Marcellin, Fischer 1990, Trellis coded quantization of memoryless and Gauss-Markov sources; Schwarz et al. 2019, Hybrid
 *   video coding with trellis-coded quantization; ISO/IEC 15938-17 (the machine)
 */
export function roundToTrellis(
  values: Float32Array,
  options: TrellisOptions,
  counts: SizeCounts,
  out: Int32Array,
): number {
  const { step, rows = values.length } = options;
  if (values.length === 0) return 0;
  const columns = values.length / rows;
  const tile = Math.min(TILE, columns);
  // Column by column, rows side by side: [tile, rows].
  const sizes = new Float64Array(tile * rows); // |w| / step
  const levels = new Int32Array(tile * rows); // |level|
  const findPath = pathFinder(options, rows, counts);
  let error = 0;
  for (let first = 0; first < columns; first += tile) {
    const count = Math.min(tile, columns - first);
    for (let row = 0; row < rows; row++) {
      const from = row * columns + first;
      for (let c = 0; c < count; c++) sizes[c * rows + row] = Math.abs(values[from + c]!) / step;
    }
    for (let c = 0; c < count; c++) error += findPath(sizes, levels, c * rows);
    for (let row = 0; row < rows; row++) {
      const from = row * columns + first;
      for (let c = 0; c < count; c++) {
        const level = levels[c * rows + row]!;
        out[from + c] = values[from + c]! < 0 ? -level : level;
      }
    }
  }
  return error * step * step;
}

/** Makes what finds the path of one column: from sizes at `offset` on to levels there, returning the error in squared steps. */
function pathFinder(
  { rates, slope, rowImportance }: TrellisOptions,
  rows: number,
  counts: SizeCounts,
): (sizes: Float64Array, levels: Int32Array, offset: number) => number {
  const cost0 = rates.bits[0].map((bits) => slope * bits);
  const cost1 = rates.bits[1].map((bits) => slope * bits);
  // For each number of a block: the best k of either quantiser and parity [Q0 even, Q0 odd, Q1 even, Q1 odd], and a bit for
  // each state: which of its two predecessors the best path into it comes from.
  const best = new Int32Array(4 * Math.min(BLOCK, rows));
  const origins = new Uint8Array(Math.min(BLOCK, rows));
  const costs = new Float64Array(8);

  return (sizes, levels, offset) => {
    let start = 0;
    let error = 0;
    for (let block = 0; block < rows; block += BLOCK) {
      const end = Math.min(rows, block + BLOCK);
      // Costs of the best path into each state.
      let s0 = start === 0 ? 0 : Infinity;
      let s1 = start === 1 ? 0 : Infinity;
      let s2 = start === 2 ? 0 : Infinity;
      let s3 = start === 3 ? 0 : Infinity;
      let s4 = start === 4 ? 0 : Infinity;
      let s5 = start === 5 ? 0 : Infinity;
      let s6 = start === 6 ? 0 : Infinity;
      let s7 = start === 7 ? 0 : Infinity;
      for (let i = block; i < end; i++) {
        const size = sizes[offset + i]!;
        const importance = rowImportance ? rowImportance[i]! : 1;
        const at = 4 * (i - block);
        let even0: number;
        let odd0 = Infinity;
        let even1: number;
        let odd1 = Infinity;
        if (size === 0) {
          best[at] = best[at + 1] = best[at + 2] = best[at + 3] = 0;
          even0 = cost0[0]!;
          even1 = cost1[0]!;
        } else {
          // Q0: |level| = 2k, k nearest to size/2 of either parity, or two less if that is cheaper.
          let k = 2 * Math.floor(size / 4 + 0.5);
          let distance = size - 2 * k;
          even0 = importance * distance * distance + cost0[Math.min(k, MOST_SIZES)]!;
          if (k > 0 && k < MOST_SIZES) {
            const lower = importance * (distance + 4) * (distance + 4) + cost0[k - 2]!;
            if (lower < even0) {
              even0 = lower;
              k -= 2;
            }
          }
          best[at] = k;
          k = 2 * Math.floor(size / 4) + 1;
          distance = size - 2 * k;
          odd0 = importance * distance * distance + cost0[Math.min(k, MOST_SIZES)]!;
          if (k > 1 && k < MOST_SIZES) {
            const lower = importance * (distance + 4) * (distance + 4) + cost0[k - 2]!;
            if (lower < odd0) {
              odd0 = lower;
              k -= 2;
            }
          }
          best[at + 1] = k;
          // Q1: |level| = 2k − 1, or 0.
          k = 2 * Math.floor(size / 4 + 0.75);
          distance = size - (k > 0 ? 2 * k - 1 : 0);
          even1 = importance * distance * distance + cost1[Math.min(k, MOST_SIZES)]!;
          if (k > 0 && k < MOST_SIZES) {
            const down = distance + (k > 2 ? 4 : 3);
            const lower = importance * down * down + cost1[k - 2]!;
            if (lower < even1) {
              even1 = lower;
              k -= 2;
            }
          }
          best[at + 2] = k;
          k = 2 * Math.floor(size / 4 + 0.25) + 1;
          distance = size - (2 * k - 1);
          odd1 = importance * distance * distance + cost1[Math.min(k, MOST_SIZES)]!;
          if (k > 1 && k < MOST_SIZES) {
            const lower = importance * (distance + 4) * (distance + 4) + cost1[k - 2]!;
            if (lower < odd1) {
              odd1 = lower;
              k -= 2;
            }
          }
          best[at + 3] = k;
        }
        // The two ways into each state, in the order of PREDECESSORS.
        let from = 0;
        let a = s0 + even0;
        let b = s4 + odd0;
        const t0 = Math.min(a, b);
        if (b < a) from |= 1;
        a = s2 + even0;
        b = s6 + odd0;
        const t1 = Math.min(a, b);
        if (b < a) from |= 2;
        a = s0 + odd0;
        b = s4 + even0;
        const t2 = Math.min(a, b);
        if (b < a) from |= 4;
        a = s2 + odd0;
        b = s6 + even0;
        const t3 = Math.min(a, b);
        if (b < a) from |= 8;
        a = s3 + odd1;
        b = s7 + even1;
        const t4 = Math.min(a, b);
        if (b < a) from |= 16;
        a = s1 + odd1;
        b = s5 + even1;
        const t5 = Math.min(a, b);
        if (b < a) from |= 32;
        a = s3 + even1;
        b = s7 + odd1;
        const t6 = Math.min(a, b);
        if (b < a) from |= 64;
        a = s1 + even1;
        b = s5 + odd1;
        const t7 = Math.min(a, b);
        if (b < a) from |= 128;
        origins[i - block] = from;
        s0 = t0;
        s1 = t1;
        s2 = t2;
        s3 = t3;
        s4 = t4;
        s5 = t5;
        s6 = t6;
        s7 = t7;
      }
      costs[0] = s0;
      costs[1] = s1;
      costs[2] = s2;
      costs[3] = s3;
      costs[4] = s4;
      costs[5] = s5;
      costs[6] = s6;
      costs[7] = s7;
      let state = 0;
      for (let other = 1; other < 8; other++) if (costs[other]! < costs[state]!) state = other;
      start = state;
      for (let i = end - 1; i >= block; i--) {
        const edge = PREDECESSORS[2 * state + ((origins[i - block]! >> state) & 1)]!;
        state = edge >> 1;
        const half = state & 1;
        const k = best[4 * (i - block) + 2 * half + (edge & 1)]!;
        const level = k > 0 ? 2 * k - half : 0;
        const seen = counts.counts[half]!;
        if (k <= MOST_SIZES) {
          seen[k]!++;
        } else {
          seen[MOST_SIZES]!++;
          counts.tail += Math.log2(k / MOST_SIZES);
        }
        levels[offset + i] = level;
        const distance = sizes[offset + i]! - level;
        error += (rowImportance ? rowImportance[i]! : 1) * distance * distance;
      }
    }
    return error;
  };
}

/** `PREDECESSORS[2 · state + which]` = 2 · state before + parity: the edges into each state, inverse to `TRELLIS_NEXT`. */
const PREDECESSORS: Uint8Array = /* @__PURE__ */ Uint8Array.of(0, 9, 4, 13, 1, 8, 5, 12, 7, 14, 3, 10, 6, 15, 2, 11);
