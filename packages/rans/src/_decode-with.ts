import { finalState } from './_layout.ts';
import { CorruptDataError } from './corrupt-data.ts';
import { type DecodingTable, readTable } from './read-table.ts';

/**
 * Decodes words from `bytes[start]` on into `count` symbols; ignores the raw bits.
 *
 * @returns where it stopped reading, never past the end; the states are left in `states`
 */
export type WordDecoder = (
  bytes: Uint8Array,
  start: number,
  table: DecodingTable,
  states: Int32Array,
  count: number,
  out: Uint8Array | Uint16Array,
) => number;

/** All of decoding but the loop over the words, of which there are two. */
export function decodeWith(
  decodeWords: WordDecoder,
  bytes: Uint8Array,
  count: number,
  alphabetSize: number,
  out: Uint8Array | Uint16Array,
): Uint8Array | Uint16Array {
  if (out.length < count || alphabetSize > 256 ** out.BYTES_PER_ELEMENT) {
    throw new RangeError(
      `decodeRans: "out" expected room for ${count} symbols below ${alphabetSize}, got a ${out.constructor.name} of ${out.length}`,
    );
  }
  if (bytes.length === 0) return out.fill(0, 0, count);
  const table = readTable(bytes, alphabetSize);
  const { rawBits } = table;
  const start = table.byte + Math.ceil((count * rawBits) / 8);
  if (start > bytes.length) throw new CorruptDataError('truncated', bytes.length, 'the raw bits end early');

  const states = new Int32Array(table.states);
  const end = decodeWords(bytes, start, table, states, count, out);
  if (end < bytes.length) throw new CorruptDataError('trailing-data', end, 'words are left over');
  if (states.some((state) => state !== finalState(table.states))) {
    throw new CorruptDataError('wrong-final-state', end, 'the words do not fit the symbols');
  }

  for (let i = 0; rawBits > 0 && i < count; i++) {
    const bit = i * rawBits;
    const byte = table.byte + Math.floor(bit / 8);
    const word = bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16);
    const symbol = (out[i]! << rawBits) | ((word >> (bit & 7)) & (2 ** rawBits - 1));
    if (symbol >= alphabetSize) {
      throw new CorruptDataError('symbol-out-of-range', byte, `symbol ${symbol}, not below ${alphabetSize}`);
    }
    out[i] = symbol;
  }
  return out;
}
