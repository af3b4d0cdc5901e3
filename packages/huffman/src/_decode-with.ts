import { LOOKUP_BITS, MOST_SYMBOLS, partsOf, sizeWidth } from './_layout.ts';
import { bitSource } from './bit-source.ts';
import type { decodeCodes } from './decode-codes.ts';
import { decodingTable } from './decoding-table.ts';
import { readCode } from './read-code.ts';

/**
 * All of decoding but the loop over the codes, of which there are two.
 *
 * @param decode - is given one argument more than it needs to work in one place: in how many bits the size of a part is
 * written, three times before the codes; 0 if there are no parts
 */
export function decodeWith(
  decode: (...given: [...Parameters<typeof decodeCodes>, sizeBits: number]) => number,
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
    const parts = partsOf(count);
    const { entries, longest } = decodingTable(readCode(source, alphabetSize), width, parts > 1 ? LOOKUP_BITS : 0);
    const sizeBits = parts > 1 ? sizeWidth(Math.ceil(count / parts), longest) : 0;
    const target = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    source.position = decode(entries, bytes, source.position + 3 * sizeBits, target, 0, target.length, width, sizeBits);
  }
  const left = bytes.length * 8 - source.position;
  if (left < 0) source.fail('truncated');
  if (left > 7 || source.read(left)) source.fail('trailing-data');
  return out;
}
