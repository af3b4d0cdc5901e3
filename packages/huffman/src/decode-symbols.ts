import type { BitReader } from './bit-reader.ts';
import { type DecodingTable, LOOKUP_BITS } from './old-decoding-table.ts';

/**
 * Decodes the next `count` symbols and leaves the reader behind them.
 *
 * Differs from `decodeSymbolsBitwise` in looking up whole codes of up to 11 bits; results are the same.
 *
 * @param count - how many symbols. Unless a lone symbol fills them all, it is checked against the bits that are left
 * before anything is allocated
 * @param out - receives the symbols; may be longer than `count`
 * @returns out
 * @throws CorruptDataError `truncated` if the bits are fewer than that many symbols take, `empty-code` if there are none
 * @throws RangeError if `out` is too short, or its elements too narrow for the symbols of the table
 * @example
 * const reader = new BitReader(Uint8Array.of(0b011010));
 * decodeSymbols(reader, 4, decodingTable([1, 2, 2])) // Uint16Array [0, 1, 2, 0]
 */
export function decodeSymbols(reader: BitReader, count: number, table: DecodingTable): Uint16Array;
export function decodeSymbols<Out extends Uint8Array | Uint16Array>(
  reader: BitReader,
  count: number,
  table: DecodingTable,
  out: Out,
): Out;
export function decodeSymbols(
  reader: BitReader,
  count: number,
  table: DecodingTable,
  out?: Uint8Array | Uint16Array,
): Uint8Array | Uint16Array {
  expectRoom(reader, count, table);
  const symbols = out ?? new Uint16Array(count);
  if (symbols.length < count) {
    throw new RangeError(`decodeSymbols: "out" expected at least ${count} elements, got ${symbols.length}`);
  }
  if (table.alphabetSize > 256 ** symbols.BYTES_PER_ELEMENT) {
    throw new RangeError(`decodeSymbols: "out" expected a Uint16Array, as there are symbols over 255`);
  }
  if (table.minLength === 0) return symbols.fill(table.symbols[0] ?? 0, 0, count);

  for (let i = 0; i < count; ) {
    i = decodeShortCodes(reader, table, symbols, i, count);
    // Here comes a long code, or the end of the stream or of the symbols is near.
    if (i < count) symbols[i++] = decodeSymbol(reader, table);
  }
  return symbols;
}

/** Checks that the bits left can be `count` symbols, so that it is safe to allocate as many. */
export function expectRoom(reader: BitReader, count: number, table: DecodingTable): void {
  if (table.symbols.length === 0 && count > 0) {
    reader.fail('empty-code', 'symbols of an empty Huffman code');
  }
  if (table.minLength * count > reader.bitsLeft) {
    reader.fail('truncated', `too few bits left for ${count} symbols`);
  }
}

// The fast loop takes two codes of at most 11 bits from a hold of at least 24 bits, and refills it with four bytes.
const BYTES_PER_REFILL = 4;

/** Decodes from symbol i on while codes are short and whole refills are left; returns where it stopped. */
function decodeShortCodes(
  reader: BitReader,
  table: DecodingTable,
  out: Uint8Array | Uint16Array,
  start: number,
  count: number,
): number {
  const { bytes } = reader;
  const { entries } = table;
  const mask = 2 ** LOOKUP_BITS - 1;
  const lastRefill = bytes.length - BYTES_PER_REFILL;
  const lastPair = count - 2;
  let i = start;
  let next = reader.byte;
  if (next > lastRefill) return i;
  // Invariant: the low `held` bits of `hold` are the next bits of the stream, and bytes[next] comes after them. Bits of
  // `hold` above those are zero or already equal to what the refill will put there.
  let held = 8 - (reader.position & 7);
  let hold = bytes[next++]! >>> (8 - held);
  while (i <= lastPair && next <= lastRefill) {
    // Adds all four bytes, of which those above bit 31 fall off, but counts only the whole ones that fit: `held` becomes
    // 24…31. With held = 8a + b, that is 3 − a bytes; b stays, so `held | 24`.
    hold |= (bytes[next]! | (bytes[next + 1]! << 8) | (bytes[next + 2]! << 16) | (bytes[next + 3]! << 24)) << held;
    next += (31 - held) >>> 3;
    held |= 24;
    const one = entries[hold & mask]!;
    const oneLength = one & 15;
    if (oneLength === 0) break;
    out[i++] = one >>> 4;
    hold >>>= oneLength;
    held -= oneLength;
    const two = entries[hold & mask]!;
    const twoLength = two & 15;
    if (twoLength === 0) break;
    out[i++] = two >>> 4;
    hold >>>= twoLength;
    held -= twoLength;
  }
  reader.position = next * 8 - held;
  return i;
}

/** Decodes one symbol with a code of any length. */
function decodeSymbol(reader: BitReader, table: DecodingTable): number {
  const { entries, counts, symbols } = table;
  const entry = entries[reader.peek(LOOKUP_BITS)]!;
  reader.skip(entry & 15 || LOOKUP_BITS);
  if ((entry & 15) > 0) return entry >>> 4;

  // Invariant: `code` is what was read, first bit highest; `first` the first code of `length` bits, whose symbol is
  // symbols[place]. Among `length` bits, values below `first` belong to shorter codes, and those from first +
  // counts[length] on to longer ones. The code is complete, so the longest length takes all that are left.
  let code = entry >>> 4;
  let first = 0;
  let place = 0;
  for (let length = 1; ; length++) {
    if (length > LOOKUP_BITS) {
      code = (code << 1) | reader.read(1);
      if (code - first < counts[length]!) return symbols[place + code - first]!;
    }
    place += counts[length]!;
    first = (first + counts[length]!) << 1;
  }
}
