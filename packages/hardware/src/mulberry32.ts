/**
 * Starts a small stream of chance: a counter through a mixer of 32 bits. Where a hundred million draws are needed, and where zeros must
 * be those of the golden tests. For anything else there is `seededRandom` of `@pare/core`.
 *
 * @param seed - its low 32 bits count
 * @returns a function that gives the next number, 0 ≤ x < 1
 * @example
 * mulberry32(1)() // 0.6270739405881613
 * @see Tommy Ettinger 2017, mulberry32.c (public domain)
 */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
