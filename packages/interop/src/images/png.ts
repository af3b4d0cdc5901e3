import { CorruptDataError, MissingPartError } from '@pare/core';
import type { Image } from '@pare/images';
import { type DecodedPng, decode } from 'fast-png';
import { zlibSync } from 'fflate';
import { inflateZlib } from '../inflate.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Tells whether bytes begin as a PNG file does. */
export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);

/** Channels by colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** @throws as `readImage` */
export function readPng(bytes: Uint8Array, maxPixels: number): Image {
  const chunks = readChunks(bytes);
  const header = chunks.find(({ type }) => type === 'IHDR')?.content;
  if (header?.length !== 13) throw new CorruptDataError('bad-png', 8, 'PNG without a header');
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [, , , , , , , , depth = 0, colour = 0, , , interlace = 0] = header;
  const channels = CHANNELS[colour];
  if (width === 0 || height === 0 || channels === undefined) {
    throw new CorruptDataError('bad-png', 16, `PNG of ${width} × ${height} pixels, colour type ${colour}`);
  }
  if (width * height > maxPixels) {
    throw new CorruptDataError('limit', 16, `PNG of ${width} × ${height} pixels, limit ${maxPixels}`);
  }
  if (interlace > 0 && depth < 8) {
    throw new MissingPartError(
      'no-image-decoder',
      'png',
      `PNG that is interlaced, with ${depth} bits: save it without interlacing`,
    );
  }
  let image: DecodedPng;
  try {
    image = decode(unpacked(chunks, scanlineBytes(width, height, (depth * channels) / 8, interlace === 1)));
  } catch (cause) {
    throw new CorruptDataError('bad-png', 8, `PNG cannot be decoded: ${(cause as Error).message}`, { cause });
  }
  return toColours(image);
}

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

/** `size u32 | type | content | checksum u32`, up to IEND. */
function readChunks(bytes: Uint8Array): readonly Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw new CorruptDataError('truncated', bytes.length, 'PNG ends before its last chunk');
    const size = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (at + 12 + size > bytes.length) throw new CorruptDataError('truncated', bytes.length, `PNG ends within ${type}`);
    chunks.push({ type, content: bytes.subarray(at + 8, at + 8 + size) });
    if (type === 'IEND') return chunks;
    at += 12 + size;
  }
}

/** Bytes of the filtered rows: each has its filter in front. */
function scanlineBytes(width: number, height: number, bytesPerPixel: number, interlaced: boolean): number {
  const pass = (columns: number, rows: number): number =>
    columns > 0 && rows > 0 ? rows * (1 + Math.ceil(columns * bytesPerPixel)) : 0;
  if (!interlaced) return pass(width, height);
  const count = (extent: number, first: number, step: number): number => Math.ceil((extent - first) / step);
  return ADAM7.reduce((sum, [x, y, dx, dy]) => sum + pass(count(width, x, dx), count(height, y, dy)), 0);
}

/** First column, first row, steps of the seven passes. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/**
 * Writes the file anew with what its pixels need, inflated. The decoder would inflate whatever there is, a bomb too; this
 * way it gets as many bytes as the header says, and no chunk that it does not need.
 */
function unpacked(chunks: readonly Chunk[], size: number): Uint8Array {
  const packed = concat(chunks.flatMap(({ type, content }) => (type === 'IDAT' ? [content] : [])));
  const pixels = { type: 'IDAT', content: zlibSync(inflateZlib(packed, size), { level: 0 }) };
  const kept = ['IHDR', 'PLTE', 'tRNS'].flatMap((wanted) => chunks.find(({ type }) => type === wanted) ?? []);
  const parts = [...kept, pixels, { type: 'IEND', content: new Uint8Array() }].map(({ type, content }) => {
    const chunk = new Uint8Array(12 + content.length); // its checksum is not looked at
    new DataView(chunk.buffer).setUint32(0, content.length);
    for (let i = 0; i < 4; i++) chunk[4 + i] = type.charCodeAt(i);
    chunk.set(content, 8);
    return chunk;
  });
  return concat([SIGNATURE, ...parts]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Samples of any kind → RGB or RGBA of 8 bits. */
function toColours(image: DecodedPng): Image {
  const { width, height, depth, palette, transparency } = image;
  const samples = samplesOf(image);
  const most = 2 ** depth - 1;
  const eight = (sample: number): number => Math.round((sample * 255) / most);
  const hasAlpha = palette ? palette.some((colour) => colour.length > 3) : transparency || !(image.channels % 2);
  const channels = hasAlpha ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  const source = image.channels;
  for (let i = 0; i < width * height; i++) {
    const to = i * channels;
    const at = i * source;
    if (palette) {
      const colour = palette[samples[at]!];
      if (!colour)
        throw new CorruptDataError(
          'bad-png',
          8,
          `PNG pixel ${i} has colour ${samples[at]} of a palette of ${palette.length}`,
        );
      for (let c = 0; c < channels; c++) data[to + c] = colour[c] ?? 255;
      continue;
    }
    const grey = source < 3;
    for (let c = 0; c < 3; c++) data[to + c] = eight(samples[grey ? at : at + c]!);
    if (!hasAlpha) continue;
    if (source % 2 === 0) data[to + 3] = eight(samples[at + source - 1]!);
    else {
      // One colour is transparent, all others are not.
      let clear = true;
      for (let c = 0; c < source; c++) clear &&= samples[at + c] === transparency![c];
      data[to + 3] = clear ? 0 : 255;
    }
  }
  return { width, height, channels, data };
}

/** Samples side by side: those of fewer than 8 bits come packed, the first in the highest bits, each row from a new byte. */
function samplesOf({ width, height, depth, channels, data }: DecodedPng): ArrayLike<number> {
  if (depth >= 8) return data;
  const row = Math.ceil((width * channels * depth) / 8);
  const samples = new Uint8Array(width * height * channels);
  for (let i = 0; i < samples.length; i++) {
    const [y, x] = [Math.floor(i / (width * channels)), i % (width * channels)];
    const bit = x * depth;
    samples[i] = (data[y * row + (bit >>> 3)]! >>> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  }
  return samples;
}
