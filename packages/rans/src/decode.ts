import { decodeWith } from './_decode-with.ts';
import { decodeWords } from './decode-words.ts';

export { type CorruptDataCode, CorruptDataError } from './corrupt-data.ts';

/**
 * Decodes what `encodeRans` made.
 *
 * @param bytes - all of the stream, and nothing else
 * @param count - how many symbols. A symbol that is alone takes no bits, so bound it before
 * @param alphabetSize - the one that was encoded for, 1…65536
 * @param out - receives the symbols; may be longer than `count`
 * @returns out
 * @throws CorruptDataError if the bytes are not such a stream
 * @throws RangeError if `out` is too short, or its elements too narrow for the alphabet
 * @example
 * decodeRans(encodeRans(Uint8Array.of(1, 2, 3)), 3, 256) // Uint8Array [1, 2, 3]
 */
export function decodeRans(bytes: Uint8Array, count: number, alphabetSize: number): Uint8Array | Uint16Array;
export function decodeRans<Out extends Uint8Array | Uint16Array>(
  bytes: Uint8Array,
  count: number,
  alphabetSize: number,
  out: Out,
): Out;
export function decodeRans(
  bytes: Uint8Array,
  count: number,
  alphabetSize: number,
  out: Uint8Array | Uint16Array = alphabetSize > 256 ? new Uint16Array(count) : new Uint8Array(count),
): Uint8Array | Uint16Array {
  return decodeWith(decodeWords, bytes, count, alphabetSize, out);
}
