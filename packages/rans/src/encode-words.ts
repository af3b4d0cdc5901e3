import { LOWEST } from './_layout.ts';

/**
 * Encodes symbols, last first, into the words that a decoder reads first to last.
 *
 *     x = ⌊x / f⌋ · 2^n + start + x mod f,   after giving up a word if the result would not stay below 2^31
 *
 * The decoder takes a word when its state falls below 2^15, the encoder gives one up when x ≥ f · 2^(31 − n): the same moment,
 * seen from both sides, since for such x, ⌊x / 2^16⌋ lies in [f · 2^(15 − n), f · 2^(16 − n)), and only from there x comes to
 * lie in [2^15, 2^16).
 *
 * @param rawBits - low bits of each symbol to ignore
 * @param starts - as from `frequenciesOf`
 * @see Duda 2013, "Asymmetric numeral systems", section 4; Giesen 2014, "Interleaved entropy coders"
 */
export function encodeWords(
  symbols: Uint8Array | Uint16Array,
  rawBits: number,
  starts: Uint16Array,
  precision: number,
  states: number,
): Uint8Array {
  const parts = starts.length - 1;
  const frequencies = new Int32Array(parts);
  // ⌊x / f⌋ as ⌊x · (1 + ε) / f⌋: doubles are exact to 2^−53, so with ε = 2^−50 the product is never below x / f, and by less
  // than 2^31 · 2^−49 above it, which is less than the 1 / f to the next integer.
  const inverses = new Float64Array(parts);
  for (let i = 0; i < parts; i++) {
    frequencies[i] = starts[i + 1]! - starts[i]!;
    inverses[i] = (1 + 2 ** -50) / frequencies[i]!;
  }

  // Each symbol adds at most one word.
  const bytes = new Uint8Array(2 * symbols.length + 4 * states);
  let next = bytes.length;
  const turns = states - 1;
  const full = 2 ** (31 - precision);
  const x = new Float64Array(states).fill(states > 1 ? LOWEST : 0);
  for (let i = symbols.length - 1; i >= 0; i--) {
    const symbol = symbols[i]! >> rawBits;
    const frequency = frequencies[symbol]!;
    let state = x[i & turns]!;
    if (state >= frequency * full) {
      bytes[--next] = state >>> 8;
      bytes[--next] = state;
      state >>>= 16;
    }
    const quotient = (state * inverses[symbol]!) | 0;
    x[i & turns] = (quotient << precision) + starts[symbol]! + state - quotient * frequency;
  }

  const put = (word: number): void => {
    bytes[--next] = word >>> 8;
    bytes[--next] = word;
  };
  for (let i = turns; i >= 0; i--) {
    const state = x[i]!;
    const byte = states === 1 && (state < 2 ** 8 || (state >= 2 ** 16 && state < 2 ** 24));
    if (state >= (byte ? 2 ** 8 : 1)) put(state);
    if (byte) {
      if (state > 0) bytes[--next] = state >>> (state < 2 ** 8 ? 0 : 16);
    } else if (state >= 2 ** 16) put(state >>> 16);
  }
  return bytes.subarray(next);
}
