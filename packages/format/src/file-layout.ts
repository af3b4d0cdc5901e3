import { checksum, checksumSize } from './checksum.ts';
import { corrupt } from './corrupt.ts';
import { countOf } from './count.ts';
import { codeHeaderText, type Header, parseHeader, type RecordEntry, type WeightEntry } from './header.ts';
import { located } from './located.ts';
import { smallArithmeticDecoder } from './small-arithmetic-decode.ts';

/*
 * "PARE"  version:u8 = 1  headerBytes:varint  header  checksum of all before  (record+  checksum of these records)*
 */

/** "PARE" and the version. */
export const SIGNATURE: readonly number[] = [0x50, 0x41, 0x52, 0x45, 1];

/** What a decoder refuses before it allocates. */
export interface Limits {
  /** Most numbers in all weights together; default 2²⁸, a gibibyte as float32. */
  readonly elements?: number;
  /** Most bytes of the header; default 2²⁰. */
  readonly headerBytes?: number;
  /** Most entries of a codebook; default 65,536, which is also the most that indices can tell apart. */
  readonly codebook?: number;
}

/** Where one record lies. */
export interface RecordPlace extends RecordEntry {
  readonly weights: readonly WeightEntry[];
  readonly start: number;
  readonly end: number;
}

/** Records that share a checksum, which follows them. */
export interface Block {
  readonly records: readonly RecordPlace[];
  readonly start: number;
  /** Of the records; the checksum is from here to `next`. */
  readonly end: number;
  readonly next: number;
}

export interface FileStart {
  readonly header: Header;
  /** Size of magic, version and header length. */
  readonly prefixBytes: number;
  readonly headerBytes: number;
  /** Where the first record starts. */
  readonly end: number;
  readonly blocks: readonly Block[];
}

/**
 * Reads everything before the first record.
 *
 * @returns undefined if the bytes are the beginning of a file, but end before the header does
 * @throws CorruptDataError if this is no such file, or its header is damaged or over the limits
 */
export function readStart(
  bytes: Uint8Array,
  { elements = 2 ** 28, headerBytes: mostBytes = 2 ** 20 }: Limits = {},
): FileStart | undefined {
  const odd = SIGNATURE.findIndex((byte, i) => (bytes[i] ?? byte) !== byte);
  if (odd === 4) corrupt('unknown-version', 4, `version ${bytes[4]} of the format; this reader knows 1`);
  if (odd >= 0) corrupt('not-a-pare-file', odd, 'this is not a .pare file');
  let headerBytes = 0;
  let prefixBytes = SIGNATURE.length;
  for (let byte = 128; byte > 127; prefixBytes++) {
    if (prefixBytes >= bytes.length) return undefined;
    byte = bytes[prefixBytes]!;
    headerBytes += (byte & 127) * 128 ** (prefixBytes - SIGNATURE.length);
    if (headerBytes > mostBytes || prefixBytes > 8) {
      corrupt('limit', 5, `a header of ${headerBytes} bytes, more than the ${mostBytes} allowed`);
    }
  }
  const headerEnd = prefixBytes + headerBytes;
  const end = headerEnd + checksumSize(headerEnd);
  if (bytes.length < end) return undefined;
  expectChecksum(bytes, 0, headerEnd);

  const header = located(prefixBytes, 'header', () => {
    const decoder = smallArithmeticDecoder(bytes.subarray(prefixBytes, headerEnd));
    const text = codeHeaderText(decoder);
    decoder.expectEnd();
    return parseHeader(text);
  });
  const total = header.weights.reduce((sum, { shape }) => sum + countOf(shape), 0);
  if (!(total <= elements)) corrupt('limit', 5, `${total} numbers, more than the ${elements} allowed`);
  return { header, prefixBytes, headerBytes, end, blocks: blocksOf(header, end) };
}

/** Finds where records lie from their sizes. */
function blocksOf({ records, weights }: Header, start: number): Block[] {
  const blocks: Block[] = [];
  let places: RecordPlace[] = [];
  let end = start;
  let weight = 0;
  for (const record of records) {
    places.push({
      ...record,
      weights: weights.slice(weight, (weight += record.count)),
      start: end,
      end: (end += record.bytes),
    });
    if (record.checksum) {
      const next = end + checksumSize(end - start);
      blocks.push({ records: places, start, end, next });
      places = [];
      start = end = next;
    }
  }
  return blocks;
}

/** Where the file ends. */
export const endOf = ({ blocks, end }: FileStart): number => blocks.at(-1)?.next ?? end;

/** Throws CorruptDataError `checksum` unless the checksum of bytes[start…end) follows them. */
export function expectChecksum(bytes: Uint8Array, start: number, end: number): void {
  const matches = checksum(bytes.subarray(start, end)).every((byte, i) => bytes[end + i] === byte);
  if (!matches) corrupt('checksum', end, 'a wrong checksum');
}
