import { MOST_SYMBOLS, partsOf, sizeWidth } from './_code-layout.ts';
import { bitSource } from './bit-source.ts';
import { type DecodeRounds, decodeRounds, type Part, ROUND_BITS } from './decode-rounds.ts';
import { readCode } from './read-code.ts';

/**
 * Decodes what `encodeHuffman` made.
 *
 * @param bytes - all of them, and no more
 * @param count - how many symbols were encoded, at most 2^27
 * @param alphabetSize - symbols must be below it; 1…65536
 * @param out - receives the symbols. Default: a new Uint8Array if the alphabet allows, else a Uint16Array
 * @returns out
 * @throws CorruptDataError if the bytes are not `count` symbols of such an alphabet
 * @throws RangeError if `out` has not `count` elements, or is too narrow for the alphabet
 * @example
 * decodeHuffman(encodeHuffman(Uint8Array.of(1, 2, 3), 4), 3, 4) // Uint8Array [1, 2, 3]
 */
export function decodeHuffman<Out extends Uint8Array | Uint16Array>(
  bytes: Uint8Array,
  count: number,
  alphabetSize: number,
  out?: Out,
): Out {
  return decodeWith(decodeRounds, bytes, count, alphabetSize, out) as Out;
}

/** Decodes with this or that twin of `decodeRounds`. */
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
      `decodeHuffman: "out" expected ${count} elements for ${alphabetSize} symbols, got ${out.length} of ${width} bytes`,
    );
  }
  const source = bitSource(bytes);
  if (count > 0) {
    const partCount = partsOf(count);
    const { entries, longest } = readCode(source, alphabetSize, width, partCount > 1 ? ROUND_BITS - 1 : 0);
    const partLength = Math.ceil(count / partCount);
    const sizes = Array.from({ length: partCount - 1 }, () => source.read(sizeWidth(partLength, longest)));
    const starts = [source.position];
    for (const size of sizes) starts.push(starts.at(-1)! + size);
    const parts = starts.map(
      (position, k): Part => ({
        position,
        target: k * partLength * width,
        end: Math.min(count, (k + 1) * partLength) * width,
      }),
    );
    if (partCount > 1 && longest <= ROUND_BITS) {
      rounds(entries, bytes, parts, new Uint8Array(out.buffer, out.byteOffset, out.byteLength));
    }
    parts.forEach((part, k) => {
      if (starts[k] !== source.position) source.fail('misplaced-part', 'a part of the stream does not start here');
      source.position = decodePart(entries, bytes, part, out);
    });
  }
  const left = bytes.length * 8 - source.position;
  if (left < 0) source.fail('truncated', 'the data ends early');
  if (left > 7 || source.read(left) > 0) source.fail('trailing-data', 'more data than expected');
  return out;
}

/** Decodes one symbol after the other to the end of a part; returns the position behind. */
function decodePart(entries: Int32Array, bytes: Uint8Array, part: Part, out: Uint8Array | Uint16Array): number {
  const mask = entries.length - 1;
  const width = out.BYTES_PER_ELEMENT;
  let { position } = part;
  for (let i = part.target / width; i < part.end / width; i++) {
    const at = position >>> 3;
    // Three bytes hold a code of 16 bits wherever it starts. Past the end are zeros: undefined counts as zero here.
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    const entry = entries[(word >> (position & 7)) & mask]!;
    out[i] = entry >>> 8; // what does not fit in the element falls off
    position += (entry >>> 24) & 31;
  }
  return position;
}
