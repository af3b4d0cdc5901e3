import { MOST_SIZES, type Rates, type SizeCounts } from './rates.ts';

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

/**
 * Finds the path of one column along the trellis.
 *
 * @param sizes - |w| / step; where it is 0, so is the level
 * @param worth - of each row: what a squared step of error costs, in bits
 * @param levels - receives |level|
 * @param offset - where the column begins in sizes and levels
 * @param rows - of the column
 * @param start - the state above it
 * @returns the state below it
 */
export type PathFinder = (
  sizes: Float64Array,
  worth: Float32Array,
  levels: Int32Array,
  offset: number,
  rows: number,
  start: number,
) => number;

/**
 * Makes what finds, of all paths, the one for which Σ worth · error² + bits is least.
 *
 * @param bits - what sizes |k| cost
 * @param most - rows of the longest column
 * @param counts - receives the sizes, by quantiser
 */
export function pathFinder({ bits }: Rates, most: number, counts: SizeCounts): PathFinder {
  const [bits0, bits1] = bits;
  // For each number of a block: the best k of either quantiser and parity [Q0 even, Q0 odd, Q1 even, Q1 odd], and a bit for
  // each state: which of its two predecessors the best path into it comes from.
  const best = new Int32Array(4 * Math.min(BLOCK, most));
  const origins = new Uint8Array(Math.min(BLOCK, most));
  const costs = new Float64Array(8);

  return (sizes, worth, levels, offset, rows, start) => {
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
        const weight = worth[i]!;
        const at = 4 * (i - block);
        let even0: number;
        let odd0 = Infinity;
        let even1: number;
        let odd1 = Infinity;
        if (size === 0) {
          best[at] = best[at + 1] = best[at + 2] = best[at + 3] = 0;
          even0 = bits0[0]!;
          even1 = bits1[0]!;
        } else {
          // Q0: |level| = 2k, k nearest to size/2 of either parity, or two less or none if that is cheaper.
          let nearest = 2 * Math.floor(size / 4 + 0.5);
          let k = nearest;
          let distance = size - 2 * k;
          even0 = weight * distance * distance + bits0[Math.min(k, MOST_SIZES)]!;
          if (k > 0 && k < MOST_SIZES) {
            const lower = weight * (distance + 4) * (distance + 4) + bits0[k - 2]!;
            if (lower < even0) {
              even0 = lower;
              k -= 2;
            }
          }
          if (nearest > 2) {
            const none = weight * size * size + bits0[0]!;
            if (none < even0) {
              even0 = none;
              k = 0;
            }
          }
          best[at] = k;
          k = 2 * Math.floor(size / 4) + 1;
          distance = size - 2 * k;
          odd0 = weight * distance * distance + bits0[Math.min(k, MOST_SIZES)]!;
          if (k > 1 && k < MOST_SIZES) {
            const lower = weight * (distance + 4) * (distance + 4) + bits0[k - 2]!;
            if (lower < odd0) {
              odd0 = lower;
              k -= 2;
            }
          }
          best[at + 1] = k;
          // Q1: |level| = 2k − 1, or 0.
          nearest = 2 * Math.floor(size / 4 + 0.75);
          k = nearest;
          distance = size - (k > 0 ? 2 * k - 1 : 0);
          even1 = weight * distance * distance + bits1[Math.min(k, MOST_SIZES)]!;
          if (k > 0 && k < MOST_SIZES) {
            const down = distance + (k > 2 ? 4 : 3);
            const lower = weight * down * down + bits1[k - 2]!;
            if (lower < even1) {
              even1 = lower;
              k -= 2;
            }
          }
          if (nearest > 2) {
            const none = weight * size * size + bits1[0]!;
            if (none < even1) {
              even1 = none;
              k = 0;
            }
          }
          best[at + 2] = k;
          k = 2 * Math.floor(size / 4 + 0.25) + 1;
          distance = size - (2 * k - 1);
          odd1 = weight * distance * distance + bits1[Math.min(k, MOST_SIZES)]!;
          if (k > 1 && k < MOST_SIZES) {
            const lower = weight * (distance + 4) * (distance + 4) + bits1[k - 2]!;
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
        counts.add(half, k);
        levels[offset + i] = k > 0 ? 2 * k - half : 0;
      }
    }
    return start;
  };
}

/** `PREDECESSORS[2 · state + which]` = 2 · state before + parity: the edges into each state, inverse to `TRELLIS_NEXT`. */
const PREDECESSORS: Uint8Array = /* @__PURE__ */ Uint8Array.of(0, 9, 4, 13, 1, 8, 5, 12, 7, 14, 3, 10, 6, 15, 2, 11);
