import { BitReader } from './bit-reader.ts';
import { decodeSymbols, expectRoom } from './decode-symbols.ts';
import { readTable } from './read-table.ts';

export { BitReader } from './bit-reader.ts';
export { type CorruptDataCode, CorruptDataError } from './corrupt-data.ts';
export { decodeSymbols } from './decode-symbols.ts';
export { type DecodingTable, decodingTable } from './old-decoding-table.ts';
export { readTable } from './read-table.ts';

/** Options of {@link huffmanDecode}. */
export interface HuffmanDecodeOptions {
  /** Most symbols accepted: a lone symbol takes no bits, so a few bytes may claim any number. Default 2^28. */
  readonly maxCount?: number;
}

/**
 * Decodes what `huffmanEncode` made, into an array of the type that was encoded.
 *
 * @throws CorruptDataError if the bytes are not such a stream, or hold more than `maxCount` symbols
 * @example
 * huffmanDecode(huffmanEncode(Uint8Array.of(1, 2, 3))) // Uint8Array [1, 2, 3]
 */
export function huffmanDecode(bytes: Uint8Array, options: HuffmanDecodeOptions = {}): Uint8Array | Uint16Array {
  const { maxCount = 2 ** 28 } = options;
  const reader = new BitReader(bytes);
  const wide = reader.read(1) === 1;
  const width = reader.read(5);
  const count = width > 0 ? 2 ** (width - 1) + reader.read(width - 1) : 0;
  if (count > maxCount) {
    reader.fail('count-too-large', `${count} symbols, more than the ${maxCount} allowed`);
  }
  const symbols = count > 0 ? readSymbols(reader, count, wide) : allocate(0, wide);
  reader.expectEnd();
  return symbols;
}

function readSymbols(reader: BitReader, count: number, wide: boolean): Uint8Array | Uint16Array {
  const table = readTable(reader, wide ? 65536 : 256);
  expectRoom(reader, count, table);
  return decodeSymbols(reader, count, table, allocate(count, wide));
}

const allocate = (count: number, wide: boolean): Uint8Array | Uint16Array =>
  wide ? new Uint16Array(count) : new Uint8Array(count);

export { decodeHuffman } from './decode-huffman.ts';
