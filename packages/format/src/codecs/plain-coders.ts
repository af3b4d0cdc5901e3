import { corrupt } from '../corrupt.ts';
import type { SymbolDecoder } from './streams-decode.ts';

/*
 * Decoders of Huffman and rANS streams that are a third of the size of those in @pare/huffman and @pare/rans, and slower: for
 * pages that download more code than weights would pay for. The streams are described in FORMAT.md, sections 7 and 8.
 */

/** Reads numbers from the lowest bit of each byte on, from a given bit on. */
function bitReader(bytes: Uint8Array, at = 0) {
  const bits = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++, at++) {
      if (at >= 8 * bytes.length) invalid(bytes);
      value |= ((bytes[at >> 3]! >> (at & 7)) & 1) << i;
    }
    return value;
  };
  const unary = (): number => {
    let ones = 0;
    while (bits(1)) ones++;
    return ones;
  };
  return {
    bits,
    unary,
    /** Infinite or odd where its width is beyond reason, and then refused. */
    gamma(): number {
      const width = unary();
      return 2 ** width + bits(width);
    },
    /** The bit that comes next. */
    next: () => at,
  };
}

const invalid = (bytes: Uint8Array): never => corrupt('not-a-stream', bytes.length, 'no such stream');

/** 0, 1, −1, 2, −2, … by rank. */
const signed = (rank: number): number => (rank % 2 ? (rank + 1) / 2 : -rank / 2);

/**
 * Reads a Huffman stream, a bit at a time. Differs from `decodeHuffman` in looking nothing up: the codes of one length are
 * consecutive numbers, so it is enough to know which symbols have them.
 *
 * @throws CorruptDataError if it is none of `count` symbols below `alphabet`
 */
export const plainHuffman: SymbolDecoder = (bytes, count, alphabet, out) => {
  const { bits, unary, gamma, next } = bitReader(bytes);
  const symbols: number[][] = Array.from({ length: 17 }, () => []);
  let symbol = gamma() - 1;
  let length = bits(5);
  let longest = 0;
  // Invariant: `unclaimed` is 1 − Σ 2^−length; each round consumes bits, so it ends.
  for (let unclaimed = 1; ; ) {
    unclaimed -= 2 ** -length;
    const alike = symbols[length];
    if (!alike || symbol >= alphabet || unclaimed < 0) return invalid(bytes);
    alike.push(symbol++);
    longest = Math.max(longest, length);
    if (unclaimed === 0) break;
    let step = unary();
    for (; step === 3; step = unary()) symbol += gamma();
    length += signed(step > 3 ? step - 1 : step);
  }

  // Where the quarters of a long stream begin is for those who read them at once.
  if (count >= 8192) bits(3 * (32 - Math.clz32(Math.ceil(count / 4) * longest)));

  let at = next();
  for (let i = 0; i < count; i++) {
    // Invariant: `code` has `size` bits, and the first code of so many is `first`.
    for (let size = 0, code = 0, first = 0; ; size++) {
      const alike = symbols[size]!;
      const rank = code - first;
      if (rank < alike.length) {
        out[i] = alike[rank]!;
        break;
      }
      first = 2 * (first + alike.length);
      code = 2 * code + ((bytes[at >> 3]! >> (at & 7)) & 1);
      at++;
    }
  }
  if ((at + 7) >> 3 !== bytes.length || bytes[at >> 3]! >> (at & 7)) invalid(bytes);
  return out;
};

/**
 * Reads a rANS stream. Differs from `decodeRans` in needing two look-ups for a symbol.
 *
 * @throws CorruptDataError if it is none of `count` symbols below `alphabet`
 */
export const plainRans: SymbolDecoder = (bytes, count, alphabet, out) => {
  if (bytes.length === 0) return out.fill(0);
  const { bits, gamma, next: end } = bitReader(bytes);
  const precision = 8 + bits(3);
  const turns = bits(1) ? 4 : 1;
  const fineness = bits(2);
  const order = bits(2);
  const raw = Math.min(16, gamma() - 1);
  const parts = ((alphabet - 1) >> raw) + 1;
  const weights: number[] = [];
  let total = 0;
  let rest = 2 ** precision;
  for (let level = 0; weights.length < parts; ) {
    const run = gamma();
    const change = signed((gamma() - 1) * 2 ** order + bits(order));
    for (let i = 1; i <= run && weights.length < parts; i++) {
      const fine = ((level + Math.round((change * i) / run)) << (3 - fineness)) & 127;
      const weight = fine && Math.round(64 * 2 ** (fine / 8));
      total += weight;
      if (weight) rest--;
      weights.push(weight);
    }
    level += change;
  }

  if (total === 0 || rest < 0) invalid(bytes);
  const partOf = new Uint16Array(2 ** precision);
  const starts = [0];
  let before = 0;
  let occur = 0;
  for (let part = 0; part < parts; part++) {
    before += weights[part]!;
    if (weights[part]) occur++;
    starts.push(occur + Math.floor((before * rest) / total));
    partOf.fill(part, starts[part], starts[part + 1]);
  }

  const table = (end() + 7) >> 3;
  let next = table + Math.ceil((count * raw) / 8);
  if (next > bytes.length) invalid(bytes);
  const { bits: low } = bitReader(bytes, 8 * table);
  const lifted = (state: number): number => {
    while (state < 32768 && next < bytes.length) state = (state << 16) | bytes[next++]! | (bytes[next++]! << 8);
    return state;
  };
  const states = Array.from({ length: turns }, () => lifted((bytes.length - next) & 1 && bytes[next++]!));
  for (let i = 0; i < count; i++) {
    const state = states[i % turns]!;
    const slot = state & (2 ** precision - 1);
    const part = partOf[slot]!;
    const start = starts[part]!;
    states[i % turns] = lifted((starts[part + 1]! - start) * (state >> precision) + slot - start);
    const symbol = (part << raw) | low(raw);
    if (symbol >= alphabet) invalid(bytes);
    out[i] = symbol;
  }
  if (next !== bytes.length || states.some((state) => state !== (turns > 1 ? 32768 : 0))) invalid(bytes);
  return out;
};
