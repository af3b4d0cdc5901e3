import type { WordDecoder } from './_decode-with.ts';
import { LOWEST } from './_layout.ts';

/**
 * Decodes with states that take turns, so that a processor can work on several symbols at once.
 *
 *     slot = x mod 2^n,   symbol = the one whose range of slots holds it,   x = frequency · ⌊x / 2^n⌋ + slot − start
 *
 * @see Duda 2013, "Asymmetric numeral systems", section 4 (range variant); Giesen 2014, "Interleaved entropy coders"
 */
export const decodeWords: WordDecoder = (bytes, start, table, states, count, out) => {
  const { precision, symbols, steps } = table;
  const slots = 2 ** precision - 1;
  const turns = states.length - 1;
  const end = bytes.length;
  let next = start;
  // Invariant: an even number of bytes is left, and each state but the last few is at least 2^15, so one word lifts it back.
  for (let i = 0; i < count; i++) {
    let state = states[i & turns]!;
    const slot = state & slots;
    const step = steps[slot]!;
    out[i] = symbols[slot]!;
    state = Math.imul(step >>> 16, state >>> precision) + (step & 0xffff);
    if (next < end) {
      // All ones if the state needs a word, else zero: states cannot be foreseen, so a branch would often be guessed wrong.
      const need = (state - LOWEST) >> 31;
      state = (state << (need & 16)) | ((bytes[next]! | (bytes[next + 1]! << 8)) & need);
      next -= need + need;
    }
    states[i & turns] = state;
  }
  return next;
};
