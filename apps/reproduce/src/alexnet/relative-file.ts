import { CorruptDataError, type Shared } from '@pare/core';
import { codeLengths, decodeHuffman, encodeHuffman } from '@pare/huffman';

/** A layer as Deep Compression stores it: what is left, one entry after the other. */
export interface RelativeEntries {
  /** Of each entry: 0 for a filler, else 1 + its index into the codebook. */
  readonly codes: Uint8Array;
  /** Of each entry: how many zeros it comes after. */
  readonly gaps: Uint8Array;
}

/**
 * Lists the entries of a layer. Where more than 2^indexBits − 1 zeros lie between two weights, a filler bridges them: an entry
 * of value zero that takes a place, a code and a gap, as in the paper and in the files that its authors released.
 *
 * @param form - of at most 255 codebook entries
 * @param indexBits - of a gap, 1 … 8
 * @see Han, Mao, Dally 2016, section 2, figure 2
 */
export function relativeEntries({ codebook, indices, mask }: Shared, indexBits: number): RelativeEntries {
  if (codebook.length > 255) {
    throw new RangeError(`relativeEntries: "codebook" expected at most 255 entries, got ${codebook.length}`);
  }
  const reach = 2 ** indexBits; // places from an entry to the next one
  let count = 0;
  for (let i = 0, last = -1; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    count += Math.ceil((i - last) / reach);
    last = i;
  }
  const codes = new Uint8Array(count);
  const gaps = new Uint8Array(count);
  for (let i = 0, last = -1, entry = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    for (; i - last > reach; last += reach) gaps[entry++] = reach - 1; // its code is 0
    codes[entry] = indices[i]! + 1;
    gaps[entry++] = i - last - 1;
    last = i;
  }
  return { codes, gaps };
}

/**
 * Writes a layer with Huffman codes for its codes and for its gaps:
 *
 * ```
 * entries:u32 | codeBytes:u32 | codebookSize:u8 | codebook:f32[codebookSize] | codes, Huffman | gaps, Huffman
 * ```
 *
 * This is the paper's method in as few bytes as it needs, to measure others against. It is no format of ours.
 */
export function writeRelative({ codes, gaps }: RelativeEntries, codebook: Float32Array, indexBits: number): Uint8Array {
  const codeBytes = encodeHuffman(codes, codebook.length + 1);
  const gapBytes = encodeHuffman(gaps, 2 ** indexBits);
  const bytes = new Uint8Array(HEAD + 4 * codebook.length + codeBytes.length + gapBytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, codes.length, true);
  view.setUint32(4, codeBytes.length, true);
  bytes[8] = codebook.length;
  codebook.forEach((value, i) => {
    view.setFloat32(HEAD + 4 * i, value, true);
  });
  bytes.set(codeBytes, HEAD + 4 * codebook.length);
  bytes.set(gapBytes, HEAD + 4 * codebook.length + codeBytes.length);
  return bytes;
}

/**
 * Reads a layer again: what shows that nothing was left out of the bytes.
 *
 * @param count - of weights
 * @throws CorruptDataError if the bytes are no such layer
 */
export function readRelative(bytes: Uint8Array, count: number, indexBits: number): Shared {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const codesAt = bytes.length < HEAD ? Number.POSITIVE_INFINITY : HEAD + 4 * bytes[8]!;
  if (codesAt > bytes.length) throw new CorruptDataError('length', bytes.length, 'a layer cut short');
  const entries = view.getUint32(0, true);
  const gapsAt = codesAt + view.getUint32(4, true);
  if (entries > count || gapsAt > bytes.length)
    throw new CorruptDataError('length', 0, `${entries} entries for ${count} weights`);
  const codebook = Float32Array.from({ length: bytes[8]! }, (_, i) => view.getFloat32(HEAD + 4 * i, true));
  const codes = decodeHuffman(bytes.subarray(codesAt, gapsAt), entries, codebook.length + 1);
  const gaps = decodeHuffman(bytes.subarray(gapsAt), entries, 2 ** indexBits);
  const [indices, mask] = [new Uint16Array(count), new Uint8Array(count)];
  for (let entry = 0, at = -1; entry < entries; entry++) {
    at += gaps[entry]! + 1;
    if (at >= count) throw new CorruptDataError('place', 0, `entry ${entry} lies beyond ${count} weights`);
    if (codes[entry] === 0) continue;
    mask[at] = 1;
    indices[at] = codes[entry]! - 1;
  }
  return { kind: 'shared', codebook, indices, mask };
}

const HEAD = 9;

/** Bits of a symbol on average, in the Huffman code that suits these best. */
export function averageBits(symbols: Uint8Array, alphabet: number): number {
  if (symbols.length === 0) return 0;
  const histogram = new Float64Array(alphabet);
  for (let i = 0; i < symbols.length; i++) histogram[symbols[i]!]!++;
  const lengths = codeLengths(histogram);
  return histogram.reduce((sum, times, symbol) => sum + times * lengths[symbol]!, 0) / symbols.length;
}
