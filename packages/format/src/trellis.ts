/*
 * Dependent quantisation. Two quantisers share the multiples of one step: Q0 has the even ones, Q1 the odd ones and zero. Which
 * of them holds at a place follows from a machine of eight states, driven by the parity of what was chosen before:
 *
 *     Q0: level = 2k          Q1: level = 2k − sign(k)          next state = NEXT[2 · state + (k & 1)]
 *
 * So each place has half as many points to tell apart, k, while the path through the states decides which half: sequences lie
 * denser in space than single numbers could. Written are the k; the levels follow.
 */

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
 * Tells whether a sequence of levels could have come from the trellis: even ones where Q0 holds, odd ones or zero where Q1 does.
 *
 * @example
 * followsTrellis(Int32Array.of(4, 2, 3)) // false
 * followsTrellis(Int32Array.of(4, 2, 0, -1)) // true
 */
export function followsTrellis(levels: Int32Array): boolean {
  let state = 0;
  for (let i = 0; i < levels.length; i++) {
    const level = Math.abs(levels[i]!);
    const half = state & 1;
    if (level > 0 && (level & 1) !== half) return false;
    state = TRELLIS_NEXT[2 * state + (((level + half) >> 1) & 1)]!;
  }
  return true;
}
