import { CorruptDataError, MissingPartError } from '@pare/core';
import type { Image } from '@pare/images';
import { decode } from 'jpeg-js';
import { type Orientation, orientationOf, turned } from './orientation.ts';

/** Tells whether bytes begin as a JPEG file does: a start of image, and a marker. */
export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** Progressive images have about ten scans; each goes over all blocks, whether it has data or not. */
const MOST_SCANS = 100;
/** A block of 64 pixels takes at least one bit, and may stand for four of them in each direction of a subsampled image. */
const MOST_PIXELS_PER_BYTE = 8 * 64 * 4;
/** What jpeg-js takes for a pixel while it decodes: coefficients and samples of three channels, and the result. */
const BYTES_PER_PIXEL = 24;

/** @throws as `readImage` */
export function readJpeg(bytes: Uint8Array, maxPixels: number): Image {
  const { width, height, channels, orientation, transformAt } = readHeader(bytes);
  const pixels = width * height;
  if (pixels > maxPixels || pixels > MOST_PIXELS_PER_BYTE * bytes.length) {
    throw new CorruptDataError(
      'limit',
      0,
      `JPEG of ${width} × ${height} pixels in ${bytes.length} bytes, limit ${maxPixels}`,
    );
  }
  // jpeg-js rounds colours down, half a step too dark on average, and takes RGB that Adobe stored as such for YCbCr: it gets no
  // word about colours, and leaves the samples of three channels as they are.
  const stored = transformAt === undefined ? 1 : bytes[transformAt];
  const silent = channels === 3 && transformAt !== undefined ? bytes.slice() : bytes;
  if (silent !== bytes) silent[transformAt!] = 0;
  let image: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  try {
    image = decode(silent, {
      useTArray: true,
      ...(channels === 3 && { colorTransform: false }),
      formatAsRGBA: false,
      maxResolutionInMP: maxPixels / 1e6,
      maxMemoryUsageInMB: Math.ceil((BYTES_PER_PIXEL * pixels) / 2 ** 20) + 64,
    });
  } catch (cause) {
    throw new CorruptDataError('bad-jpeg', 0, `JPEG cannot be decoded: ${(cause as Error).message}`, { cause });
  }
  if (image.width !== width || image.height !== height) {
    throw new CorruptDataError('bad-jpeg', 0, 'JPEG with a second frame of another size');
  }
  if (channels === 3 && stored !== 0) toRgbInPlace(image.data);
  return turned({ width, height, channels: 3, data: image.data }, orientation);
}

/** YCbCr → RGB, rounded. ITU-T T.871, section 7. */
function toRgbInPlace(data: Uint8Array): void {
  const samples = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length); // rounds, and keeps to 0 … 255
  for (let i = 0; i + 2 < samples.length; i += 3) {
    const [luma, blue, red] = [samples[i]!, samples[i + 1]! - 128, samples[i + 2]! - 128];
    samples[i] = luma + 1.402 * red;
    samples[i + 1] = luma - 0.344136286 * blue - 0.714136286 * red;
    samples[i + 2] = luma + 1.772 * blue;
  }
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

interface Header extends Frame {
  readonly orientation: Orientation;
  /** Where Adobe's segment says how colours are stored: 0 as they are, 1 as YCbCr, 2 as YCCK. */
  readonly transformAt: number | undefined;
}

/** Walks the segments up to the first scan: `ff | marker | size u16 | content`. */
function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation: Orientation = 1;
  let transformAt: number | undefined;
  let frame: Frame | undefined;
  for (let at = 2; ; ) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++; // fill bytes
    if (at + 4 > bytes.length) throw new CorruptDataError('truncated', bytes.length, 'JPEG ends within its header');
    if (bytes[at] !== 0xff) throw new CorruptDataError('bad-jpeg', at, 'JPEG without a marker where one must be');
    const marker = bytes[at + 1]!;
    const size = view.getUint16(at + 2);
    const content = bytes.subarray(at + 4, at + 2 + size);
    if (marker === 0xe1) orientation = orientationOf(content) ?? orientation;
    else if (marker === 0xee && String.fromCharCode(...content.subarray(0, 5)) === 'Adobe' && content.length >= 12) {
      transformAt = at + 4 + 11;
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (frame) throw new CorruptDataError('bad-jpeg', at, 'JPEG with two frames');
      frame = readFrame(content, marker, at);
    } else if (marker === 0xda) {
      if (!frame) throw new CorruptDataError('bad-jpeg', at, 'JPEG with a scan before its frame');
      checkScans(bytes, at);
      return { ...frame, orientation, transformAt };
    }
    at += 2 + Math.max(2, size);
  }
}

/** `precision u8 | height u16 | width u16 | count u8 | (id | sampling | table)*` */
function readFrame(content: Uint8Array, marker: number, at: number): Frame {
  const [precision = 0, h1 = 0, h0 = 0, w1 = 0, w0 = 0, count = 0] = content;
  if (marker > 0xc2 || precision !== 8 || (count !== 1 && count !== 3 && count !== 4)) {
    throw new MissingPartError(
      'no-image-decoder',
      'jpeg',
      `JPEG of a rare kind (frame ${marker.toString(16)}, ${precision} bits, ${count} channels): save it as baseline or progressive`,
    );
  }
  const [width, height] = [w1 * 256 + w0, h1 * 256 + h0];
  if (width === 0 || height === 0 || content.length < 6 + 3 * count) {
    throw new CorruptDataError('bad-jpeg', at, `JPEG frame of ${width} × ${height} pixels`);
  }
  return { width, height, channels: count };
}

/** Data of scans holds no `ff da`, so that counting those never counts too few scans. */
function checkScans(bytes: Uint8Array, first: number): void {
  let count = 0;
  for (let at = bytes.indexOf(0xff, first); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === 0xda && ++count > MOST_SCANS) {
      throw new CorruptDataError('limit', at, `JPEG with more than ${MOST_SCANS} scans`);
    }
  }
}
