import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { readImage } from '../../../packages/interop/src/images.ts';
import { defineTarget, demand, type Target } from '../target.ts';

const MOST_PIXELS = 2 ** 12;

interface Vectors {
  readonly images: readonly { readonly name: string; readonly file: string }[];
}

const image = (name: string, extension: string, repair?: Target['repair']): Target =>
  defineTarget<undefined>({
    name,
    weight: 3,
    mostBytes: 2 ** 26,
    seeds() {
      const file = new URL('../../../packages/interop/test/vectors/images.json', import.meta.url);
      const { images } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
      return images
        .filter((image) => image.name.endsWith(extension))
        .map(({ name, file }) => ({ what: name, bytes: new Uint8Array(Buffer.from(file, 'base64')), told: undefined }));
    },
    read(bytes) {
      const { width, height, channels, data } = readImage(bytes, { maxPixels: MOST_PIXELS });
      demand(width * height <= MOST_PIXELS, `gives ${width} × ${height} pixels`);
      demand(data.length === width * height * channels, `gives ${data.length} numbers for ${width} × ${height}`);
      return undefined;
    },
    ...(repair && { repair }),
  });

/** Makes the checksums of chunks right. */
function repairPng(damaged: Uint8Array): Uint8Array {
  const bytes = damaged.slice();
  const view = new DataView(bytes.buffer);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) break;
    view.setUint32(end, crc32(bytes.subarray(at + 4, end)));
    at = end + 4;
  }
  return bytes;
}

export const images: readonly Target[] = [image('png', '.png', repairPng), image('jpeg', '.jpg')];
