import { corrupt } from '../corrupt.ts';
import type { SymbolDecoder } from './streams-decode.ts';

/*
 * Decoders of Huffman and rANS streams that are a third of the size of those in @pare/huffman and @pare/rans, and slower: for
 * pages that download more code than weights would pay for. The streams are described in FORMAT.md, sections 7 and 8.
 */

/** Reads numbers from the lowest bit of each byte on. */
interface BitReader {
  /** Bits consumed. */
  at: number;
  bits(count: number): number;
  unary(): number;
  gamma(): number;
}

function bitReader(bytes: Uint8Array): BitReader {
  const reader: BitReader = {
    at: 0,
    bits(count) {
      let value = 0;
      for (let i = 0; i < count; i++, reader.at++) {
        if (reader.at >= 8 * bytes.length) invalid(bytes);
        value |= ((bytes[reader.at >> 3]! >> (reader.at & 7)) & 1) << i;
      }
      return value;
    },
    unary() {
      let ones = 0;
      while (reader.bits(1)) ones++;
      return ones;
    },
    gamma() {
      const width = reader.unary();
      return 2 ** width + reader.bits(width); // infinite or odd if the width is beyond reason, and then refused
    },
  };
  return reader;
}

const invalid = (bytes: Uint8Array): never => corrupt('not-a-stream', bytes.length, 'a stream that cannot be');

/** 0, 1, −1, 2, −2, … by rank. */
const signed = (rank: number): number => (rank % 2 ? (rank + 1) / 2 : -rank / 2);

/**
 * Reads a Huffman stream, a bit at a time. Differs from `decodeHuffman` in looking nothing up: the codes of one length are
 * consecutive numbers, so it is enough to know which symbols have them.
 *
 * @throws CorruptDataError if it is none of `count` symbols below `alphabet`
 */
export const plainHuffman: SymbolDecoder = (bytes, count, alphabet, out) => {
  const reader = bitReader(bytes);
  const symbols: number[][] = Array.from({ length: 17 }, () => []);
  let symbol = reader.gamma() - 1;
  let length = reader.bits(5);
  let longest = 0;
  // Invariant: `unclaimed` is 1 − Σ 2^−length; each round consumes bits, so it ends.
  for (let unclaimed = 1; ; ) {
    unclaimed -= 2 ** -length;
    const alike = symbols[length];
    if (!alike || symbol >= alphabet || unclaimed < 0) return invalid(bytes);
    alike.push(symbol++);
    longest = Math.max(longest, length);
    if (unclaimed === 0) break;
    let step = reader.unary();
    for (; step === 3; step = reader.unary()) symbol += reader.gamma();
    length += signed(step > 3 ? step - 1 : step);
  }
  // Where the quarters of a long stream start is for those who read them at once.
  if (count >= 8192) for (let i = 0; i < 3; i++) reader.bits(32 - Math.clz32(Math.ceil(count / 4) * longest));

  let { at } = reader;
  for (let i = 0; i < count; i++) {
    // Invariant: `code` has `bits` bits, and the first code of so many is `first`.
    for (let bits = 0, code = 0, first = 0; ; bits++) {
      const alike = symbols[bits]!;
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
  const reader = bitReader(bytes);
  const precision = 8 + reader.bits(3);
  const states: number[] = Array(reader.bits(1) ? 4 : 1).fill(0);
  const fineness = reader.bits(2);
  const order = reader.bits(2);
  const raw = Math.min(16, reader.gamma() - 1);
  const parts = ((alphabet - 1) >> raw) + 1;
  const weights: number[] = [];
  for (let level = 0; weights.length < parts; ) {
    const run = reader.gamma();
    const change = signed((reader.gamma() - 1) * 2 ** order + reader.bits(order));
    for (let i = 1; i <= run && weights.length < parts; i++) {
      const fine = ((level + Math.round((change * i) / run)) << (3 - fineness)) & 127;
      weights.push(fine && Math.round(64 * 2 ** (fine / 8)));
    }
    level += change;
  }

  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const rest = 2 ** precision - weights.filter((weight) => weight > 0).length;
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

  const table = (reader.at + 7) >> 3;
  let next = table + Math.ceil((count * raw) / 8);
  if (next > bytes.length) invalid(bytes);
  reader.at = 8 * table;
  if ((bytes.length - next) & 1) states[0] = bytes[next++]!;
  const lifted = (state: number): number => {
    while (state < 32768 && next < bytes.length) state = (state << 16) | bytes[next++]! | (bytes[next++]! << 8);
    return state;
  };
  for (let i = 0; i < states.length; i++) states[i] = lifted(states[i]!);
  for (let i = 0; i < count; i++) {
    const state = states[i % states.length]!;
    const slot = state & (2 ** precision - 1);
    const part = partOf[slot]!;
    const start = starts[part]!;
    states[i % states.length] = lifted((starts[part + 1]! - start) * (state >> precision) + slot - start);
    const symbol = (part << raw) | reader.bits(raw);
    if (symbol >= alphabet) invalid(bytes);
    out[i] = symbol;
  }
  if (next !== bytes.length || states.some((state) => state !== (states.length > 1 ? 32768 : 0))) invalid(bytes);
  return out;
};
