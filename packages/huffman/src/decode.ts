import { decodeWith } from './_decode-with.ts';
import { decodeCodes } from './decode-codes.ts';

export { type CorruptDataCode, CorruptDataError } from './corrupt-data.ts';

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
  return decodeWith(decodeCodes, bytes, count, alphabetSize, out) as Out;
}
