import type { BitReader } from './bit-reader.ts';
import type { DecodingTable } from './old-decoding-table.ts';

/**
 * Decodes the next `count` symbols one bit at a time: the definition of decoding, against which `decodeSymbols` is tested.
 *
 * @throws CorruptDataError `truncated` if the bits end early
 * @example
 * const reader = new BitReader(Uint8Array.of(0b011010));
 * decodeSymbolsBitwise(reader, 4, decodingTable([1, 2, 2])) // Uint16Array [0, 1, 2, 0]
 */
export function decodeSymbolsBitwise(reader: BitReader, count: number, table: DecodingTable): Uint16Array {
  const { symbols, counts, minLength } = table;
  const out = new Uint16Array(count);
  if (minLength === 0) return out.fill(symbols[0] ?? 0);
  for (let i = 0; i < count; i++) {
    let code = reader.read(1);
    let first = 0; // code of symbols[place], the first symbol with a code of `length` bits
    let place = 0;
    for (let length = 1; code - first >= counts[length]!; length++) {
      place += counts[length]!;
      first = (first + counts[length]!) * 2;
      code = code * 2 + reader.read(1);
    }
    out[i] = symbols[place + code - first]!;
  }
  return out;
}
