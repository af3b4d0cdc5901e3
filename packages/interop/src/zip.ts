import { CorruptDataError } from '@pare/core';
import { inflateSync } from 'fflate';

/** A file within a zip file, not yet read. */
export interface ZipEntry {
  readonly name: string;
  /** Its size when unpacked, in bytes; what `read` gives has this size or is an error. */
  readonly size: number;
  /** @throws CorruptDataError if it is damaged */
  read(): Uint8Array;
}

/**
 * Lists the files in a zip file, from the directory at its end. Nothing is unpacked until it is read.
 *
 * Against bombs: deflate expands at most 1032 times, so a file that claims more is refused before it is allocated; and the
 * packed files must fit into the bytes that are there side by side, so no byte is unpacked twice.
 *
 * @throws CorruptDataError if it is no zip file, damaged, or uses what is rare: encryption, several volumes, zip64
 * @example
 * listZip(new Uint8Array(22).fill(0).map((_, i) => [0x50, 0x4b, 5, 6][i] ?? 0)) // []
 * @see PKWARE APPNOTE 6.3, section 4.3
 */
export function listZip(bytes: Uint8Array): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (start + size > end) throw new CorruptDataError('zip', end, 'the directory lies outside the file');
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = start;
  let packedSizes = 0;
  for (let i = 0; i < count; i++) {
    const { entry, packed, next } = readEntry(bytes, view, at, end);
    if (names.has(entry.name)) throw new CorruptDataError('zip', at, `two files are named "${entry.name}"`);
    packedSizes += packed;
    if (packedSizes > bytes.length) throw new CorruptDataError('zip', at, 'its files overlap');
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  return entries;
}

/** Tells whether bytes begin as a zip file does. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes.length >= 22 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

// ── the directory ─────────────────────────────────────────────────────────────────────────────────────────────────────

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;

/** The end record is the last thing but for a comment of its own. */
function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  throw new CorruptDataError('zip', view.byteLength, 'no directory at the end: not a zip file, or cut short');
}

function readEntry(bytes: Uint8Array, view: DataView, at: number, end: number) {
  if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY) {
    throw new CorruptDataError('zip', at, 'expected an entry of the directory');
  }
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const checksum = view.getUint32(at + 16, true);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const nameEnd = at + ENTRY_BYTES + view.getUint16(at + 28, true);
  const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  const local = view.getUint32(at + 42, true);
  if (next > end) throw new CorruptDataError('zip', at, 'an entry reaches beyond the directory');
  const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, nameEnd));
  const refuse = (what: string): never => {
    throw new CorruptDataError('zip', at, `"${name}" ${what}`);
  };
  if (flags & 1) refuse('is encrypted');
  if (packed === 0xffffffff || size === 0xffffffff || local === 0xffffffff) refuse('is in the zip64 format');
  if (method !== 0 && method !== 8) refuse(`is packed in a way unknown here (${method})`);
  if (method === 0 && packed !== size) refuse(`is stored, but ${size} bytes are ${packed}`);
  if (size > 1032 * packed + 64) refuse(`cannot be ${size} bytes, packed into ${packed}`);
  if (local + LOCAL_BYTES > end || view.getUint32(local, true) !== LOCAL) refuse('is not where the directory says');
  // The local record repeats name and extra field, the latter in a length of its own.
  const data = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (data + packed > end) refuse('reaches beyond the file');
  const read = (): Uint8Array => {
    const content = bytes.subarray(data, data + packed);
    const unpacked = method === 0 ? content : inflate(content, size, name, data);
    if (crc32(unpacked) !== checksum) throw new CorruptDataError('checksum', data, `"${name}" is damaged`);
    return unpacked;
  };
  return { entry: { name, size, read }, packed, next };
}

function inflate(packed: Uint8Array, size: number, name: string, byte: number): Uint8Array {
  let unpacked: Uint8Array;
  try {
    unpacked = inflateSync(packed, { out: new Uint8Array(size) });
  } catch (cause) {
    throw new CorruptDataError('deflate', byte, `"${name}" cannot be unpacked`, { cause });
  }
  if (unpacked.length !== size) {
    throw new CorruptDataError('deflate', byte, `"${name}" unpacks to ${unpacked.length} bytes instead of ${size}`);
  }
  return unpacked;
}

let crcTable: Uint32Array | undefined;

/** The checksum of zip files: polynomial 0x04c11db7, lowest bit first. */
function crc32(bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
