import { LOOKUP_BITS, MOST_SYMBOLS, partsOf, sizeWidth } from './_layout.ts';
import { bitSource } from './bit-source.ts';
import type { DecodeRounds, Part } from './decode-rounds.ts';
import { decodingTable } from './decoding-table.ts';
import { readCode } from './read-code.ts';

/** All of decoding but the fast loop, of which there are two. */
export function decodeWith(
  rounds: DecodeRounds,
  bytes: Uint8Array,
  count: number,
  alphabetSize: number,
  out: Uint8Array | Uint16Array = alphabetSize > 256 ? new Uint16Array(count) : new Uint8Array(count),
): Uint8Array | Uint16Array {
  const width = out.BYTES_PER_ELEMENT;
  if (out.length !== count || count > MOST_SYMBOLS || alphabetSize > 256 ** width) {
    throw new RangeError(
      `decodeHuffman: "out" expected ${count} elements < ${alphabetSize}, got ${out.length} of ${width} bytes`,
    );
  }
  const source = bitSource(bytes);
  if (count > 0) {
    const partCount = partsOf(count);
    const partLength = Math.ceil(count / partCount);
    const code = readCode(source, alphabetSize);
    const { entries, longest } = decodingTable(code, width, partCount > 1 ? LOOKUP_BITS : 0);
    const sizeBits = sizeWidth(partLength, longest);
    // The sizes of all parts but the last come first, then the parts.
    let start = source.position + sizeBits * (partCount - 1);
    const parts: Part[] = [];
    for (let first = 0; first < count; first += partLength) {
      const end = Math.min(count, first + partLength);
      parts.push({ start, position: start, target: first * width, end: end * width });
      if (end < count) start += source.read(sizeBits);
    }
    const target = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    rounds(entries, bytes, parts, target);
    for (const part of parts) {
      if (part.start !== source.position) source.fail('misplaced-part');
      source.position = decodeRest(entries, bytes, part, target, width);
    }
  }
  const left = bytes.length * 8 - source.position;
  if (left < 0) source.fail('truncated');
  if (left > 7 || source.read(left)) source.fail('trailing-data');
  return out;
}

/** Decodes one symbol after the other to the end of a part; returns the position behind. */
function decodeRest(
  entries: Int32Array,
  bytes: Uint8Array,
  { position, target, end }: Part,
  out: Uint8Array,
  width: number,
): number {
  while (target < end) {
    const at = position >>> 3;
    // Three bytes hold a code of 16 bits wherever it starts. Past the end are zeros: undefined counts as zero here.
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    const entry = entries[(word >> (position & 7)) & (entries.length - 1)]!;
    out[target] = entry >> 8;
    if (width > 1) out[target + 1] = entry >> 16;
    target += width;
    position += (entry >> 24) & 31;
  }
  return position;
}
