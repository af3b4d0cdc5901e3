import { LOWEST } from './_layout.ts';
import { CorruptDataError } from './corrupt-data.ts';
import { type DecodingTable, readTable } from './read-table.ts';

/**
 * Decodes `count` symbols, without their raw bits, from `states` and the words from `bytes[start]` on; leaves its states behind.
 *
 * @returns where it stopped reading
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
      `decodeRans: "out" expected room for ${count} symbols < ${alphabetSize}, got ${out.length} of ${out.BYTES_PER_ELEMENT} bytes`,
    );
  }
  if (bytes.length === 0) return out.fill(0, 0, count);
  const table = readTable(bytes, alphabetSize);
  const { rawBits } = table;
  let next = table.byte + Math.ceil((count * rawBits) / 8);
  if (next > bytes.length) throw new CorruptDataError('truncated', bytes.length, 'too few raw bits');

  const first = table.states > 1 ? LOWEST : 0; // what the encoder's were
  // States take their first words; see _layout.ts.
  const states = new Int32Array(table.states);
  if ((bytes.length - next) & 1) states[0] = bytes[next++]!;
  for (let i = 0; i < states.length; i++) {
    while (states[i]! < LOWEST && next < bytes.length) {
      states[i] = (states[i]! << 16) | bytes[next]! | (bytes[next + 1]! << 8);
      next += 2;
    }
  }
  next = decodeWords(bytes, next, table, states, count, out);
  if (next !== bytes.length || states.some((state) => state !== first)) {
    throw new CorruptDataError('wrong-end', next, 'words do not end with symbols');
  }

  if (rawBits > 0) addRawBits(bytes, table.byte, rawBits, count, alphabetSize, out);
  return out;
}

/** Puts the raw bits below the parts that are in `out`. Apart, so that it is compiled by itself. */
function addRawBits(
  bytes: Uint8Array,
  start: number,
  rawBits: number,
  count: number,
  alphabetSize: number,
  out: Uint8Array | Uint16Array,
): void {
  // Invariant: the low `held` bits of `hold` are the next raw bits, and bytes[next] comes after them.
  let next = start;
  const low = 2 ** rawBits - 1;
  let hold = 0;
  let held = 0;
  for (let i = 0; i < count; i++) {
    for (; held < rawBits; held += 8) hold |= bytes[next++]! << held;
    const symbol = (out[i]! << rawBits) | (hold & low);
    hold >>= rawBits;
    held -= rawBits;
    if (symbol >= alphabetSize) {
      throw new CorruptDataError('symbol-out-of-range', next, `symbol ${symbol}, not below ${alphabetSize}`);
    }
    out[i] = symbol;
  }
}
