import { CorruptDataError, elementCount } from '@pare/core';
import { ArithmeticDecoder } from './arithmetic-decode.ts';
import { checksum, checksumSize } from './checksum.ts';
import { codeHeader, type Header, type RecordEntry, type WeightEntry } from './header-walk.ts';
import { located } from './located.ts';

/*
 * "PARE"  version:u8 = 1  headerBytes:varint  header  checksum of all before  (record+  checksum of these records)*
 */

export const MAGIC: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x50, 0x41, 0x52, 0x45); // PARE
export const VERSION = 1;

/** What a decoder refuses before it allocates. */
export interface Limits {
  /** Most numbers in all weights together; default 2²⁸, a gibibyte as float32. */
  readonly elements?: number;
  /** Most bytes of the header; default 2²⁰. */
  readonly headerBytes?: number;
  /** Most entries of a codebook; default 65,536, which is also the most that indices can tell apart. */
  readonly codebook?: number;
}

export const DEFAULT_LIMITS: Required<Limits> = { elements: 2 ** 28, headerBytes: 2 ** 20, codebook: 65536 };

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
export function readStart(bytes: Uint8Array, limits: Limits = {}): FileStart | undefined {
  const { elements, headerBytes: mostHeaderBytes } = { ...DEFAULT_LIMITS, ...limits };
  for (let i = 0; i < MAGIC.length && i < bytes.length; i++) {
    if (bytes[i] !== MAGIC[i]) throw new CorruptDataError('not-a-pare-file', i, 'this is not a .pare file');
  }
  if (bytes.length > 4 && bytes[4] !== VERSION) {
    throw new CorruptDataError('unknown-version', 4, `version ${bytes[4]} of the format; this reader knows ${VERSION}`);
  }
  const length = readVarint(bytes, 5);
  if (!length) return undefined;
  if (length.value > mostHeaderBytes) {
    throw new CorruptDataError(
      'limit',
      5,
      `a header of ${length.value} bytes, more than the ${mostHeaderBytes} allowed`,
    );
  }
  const headerEnd = length.next + length.value;
  const end = headerEnd + checksumSize(headerEnd);
  if (bytes.length < end) return undefined;
  expectChecksum(bytes, 0, headerEnd);

  const header = located(length.next, 'header', () => {
    const decoder = new ArithmeticDecoder(bytes.subarray(length.next, headerEnd));
    const read = codeHeader(decoder);
    decoder.expectEnd();
    return read;
  });
  const total = header.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (!(total <= elements)) {
    throw new CorruptDataError('limit', length.next, `${total} numbers, more than the ${elements} allowed`);
  }
  return { header, prefixBytes: length.next, headerBytes: length.value, end, blocks: blocksOf(header, end) };
}

/** Finds where records lie from their sizes. */
function blocksOf({ records, weights }: Header, start: number): Block[] {
  const blocks: Block[] = [];
  let places: RecordPlace[] = [];
  let blockStart = start;
  let offset = start;
  let weight = 0;
  for (const record of records) {
    const end = offset + record.bytes;
    places.push({ ...record, weights: weights.slice(weight, weight + record.count), start: offset, end });
    weight += record.count;
    offset = end;
    if (record.checksum) {
      offset += checksumSize(end - blockStart);
      blocks.push({ records: places, start: blockStart, end, next: offset });
      places = [];
      blockStart = offset;
    }
  }
  return blocks;
}

/** Throws CorruptDataError `checksum` unless the checksum of bytes[start…end) follows them. */
export function expectChecksum(bytes: Uint8Array, start: number, end: number): void {
  const { value, size } = checksum(bytes.subarray(start, end));
  for (let i = 0; i < size; i++) {
    if (bytes[end + i] !== ((value >>> (8 * i)) & 0xff)) {
      throw new CorruptDataError('checksum', end, `the checksum of bytes ${start} to ${end} does not match`);
    }
  }
}

/** Seven bits a byte, lowest first, the top bit set on all but the last; at most four bytes, the last not zero. */
function readVarint(bytes: Uint8Array, start: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value, next: start + i + 1 };
  }
  throw new CorruptDataError('number-out-of-range', start, 'a header length over 2^28');
}
