import type { WordDecoder } from './_decode-with.ts';
import { LOWEST } from './_layout.ts';

/**
 * Decodes with states that take turns: the division of labour that lets a processor work on several symbols at once.
 *
 *     slot = x mod 2^n,   symbol = the one whose range holds it,   x = frequency · ⌊x / 2^n⌋ + slot − start
 *
 * @see Duda 2013, "Asymmetric numeral systems", section 4 (range variant); Giesen 2014, "Interleaved entropy coders"
 */
export const decodeWords: WordDecoder = (bytes, start, table, states, count, out) => {
  const { precision, symbols, steps } = table;
  const slots = 2 ** precision - 1;
  const turns = states.length - 1;
  const end = bytes.length;
  let next = start;
  if ((end - start) & 1) states[0] = bytes[next++]!;
  for (let i = 0; i <= turns; i++) {
    while (states[i]! < LOWEST && next < end) {
      states[i] = (states[i]! << 16) | bytes[next]! | (bytes[next + 1]! << 8);
      next += 2;
    }
  }
  for (let i = 0; i < count; i++) {
    let state = states[i & turns]!;
    const slot = state & slots;
    const step = steps[slot]!;
    out[i] = symbols[slot]!;
    state = (step >>> 16) * (state >>> precision) + (step & 0xffff);
    if (state < LOWEST && next < end) {
      state = (state << 16) | bytes[next]! | (bytes[next + 1]! << 8);
      next += 2;
    }
    states[i & turns] = state;
  }
  return next;
};
