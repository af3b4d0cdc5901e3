/*
 * Dependent quantisation. Two quantisers share the multiples of one step: Q0 has the even ones, Q1 the odd ones and zero. Which
 * of them holds at a place follows from a machine of eight states, driven by the parity of what was chosen before:
 *
 *     Q0: level = 2k          Q1: level = 2k − sign(k)          next state = NEXT[2 · state + (k & 1)]
 *
 * So each place has half as many points to tell apart, k, while the path through the states decides which half: sequences lie
 * denser in space than single numbers could. Written are the k; the levels follow.
 *
 * Each column of a matrix has a machine of its own, which begins in state 0 and runs down the rows: whoever quantises a matrix
 * column by column, and lets later columns make up for the errors of those before, may take columns in any order, and a coder
 * may walk rows or columns. A vector is one column.
 */

/** Where machines run, as a walk sees it: one along each line of places, one down each column of places, or none. */
export type Machines = 'none' | 'lines' | 'columns';

/** `NEXT[2 · state + parity of k]`. Quantiser Q1 holds in the odd states. */
export const TRELLIS_NEXT: Uint8Array = /* @__PURE__ */ Uint8Array.of(0, 2, 7, 5, 1, 3, 6, 4, 2, 0, 5, 7, 3, 1, 4, 6);

/**
 * The state after `count` zeros. Zeros permute the states in cycles of 1, 2 and 4, so only `count mod 4` matters.
 *
 * @example
 * afterZeros(1, 4_000_001) // 7
 */
export function afterZeros(state: number, count: number): number {
  for (let i = count & 3; i > 0; i--) state = TRELLIS_NEXT[2 * state]!;
  return state;
}

/**
 * Tells whether the levels of a matrix could have come from the trellis: down each column even ones where Q0 holds, odd ones or
 * zero where Q1 does.
 *
 * @param levels - row-major
 * @param rows - a divisor of their number; default one column
 * @throws RangeError if they do not make whole rows
 * @example
 * followsTrellis(Int32Array.of(4, 2, 3)) // false
 * followsTrellis(Int32Array.of(4, 2, 0, -1)) // true
 * followsTrellis(Int32Array.of(4, 2, 0, -1), 2) // false
 */
export function followsTrellis(levels: Int32Array, rows: number = levels.length): boolean {
  const columns = rows > 0 ? levels.length / rows : 0;
  if (columns * rows !== levels.length || !Number.isInteger(columns)) {
    throw new RangeError(`followsTrellis: "rows" expected a divisor of ${levels.length}, got ${rows}`);
  }
  const states = new Uint8Array(columns);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const state = states[column]!;
      const level = Math.abs(levels[i]!);
      const half = state & 1;
      if (level > 0 && (level & 1) !== half) return false;
      states[column] = TRELLIS_NEXT[2 * state + (((level + half) >> 1) & 1)]!;
    }
  }
  return true;
}
