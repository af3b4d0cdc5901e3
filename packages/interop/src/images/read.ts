import { MissingPartError } from '@pare/core';
import type { Image } from '@pare/images';
import { isJpeg, readJpeg } from './jpeg.ts';
import { isPng, readPng } from './png.ts';

export type { Image };

export interface ReadImageOptions {
  /** Pixels that an image may have at most, seen before it is decoded; default 2^25, of which decoding takes about 0.6 GB. */
  readonly maxPixels?: number;
}

/**
 * Reads a JPEG or PNG image to pixels, the same ones in Node and in every browser: the decoders are jpeg-js and fast-png,
 * which are JavaScript and touch no canvas.
 *
 * JPEG: baseline and progressive; grey becomes RGB, CMYK is converted, and the image is turned as its EXIF orientation says.
 * PNG: all kinds but interlaced ones of fewer than 8 bits; grey and palettes become RGB, 16 bits are rounded to 8, with alpha
 * or transparent colours there are four channels. Colour profiles and gamma are not applied.
 *
 * @throws CorruptDataError if it is damaged, or larger than `maxPixels`
 * @throws MissingPartError if it is another format, or a kind that the decoder does not know
 * @throws RangeError if `maxPixels` is no count
 * @example
 * readImage(Uint8Array.of(0x47, 0x49, 0x46, 0x38)) // throws MissingPartError: readImage: expected a JPEG or PNG image, got bytes that begin with 47 49 46 38
 */
export function readImage(bytes: Uint8Array, options: ReadImageOptions = {}): Image {
  const { maxPixels = 2 ** 25 } = options;
  if (!Number.isSafeInteger(maxPixels) || maxPixels < 1) {
    throw new RangeError(`readImage: "maxPixels" expected a count ≥ 1, got ${maxPixels}`);
  }
  if (isJpeg(bytes)) return readJpeg(bytes, maxPixels);
  if (isPng(bytes)) return readPng(bytes, maxPixels);
  const begin = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new MissingPartError(
    'no-image-decoder',
    begin,
    `readImage: expected a JPEG or PNG image, got ${begin ? `bytes that begin with ${begin}` : 'no bytes'}`,
  );
}
