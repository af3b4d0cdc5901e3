import { readFileSync } from 'node:fs';
import { CorruptDataError, MissingPartError, seededRandom } from '@pare/core';
import { encode as encodePng } from 'fast-png';
import { zlibSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { type Image, preprocessImage, readImage, resizeImage } from '../src/images.ts';

interface Vector {
  readonly name: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly pixels: string;
}

const vectors = JSON.parse(readFileSync(new URL('vectors/images.json', import.meta.url), 'utf8')) as {
  readonly images: readonly Vector[];
  readonly resize: {
    readonly width: number;
    readonly height: number;
    readonly pixels: string;
    readonly to: readonly { readonly width: number; readonly height: number; readonly pixels: string }[];
  };
};

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const fileOf = (name: string): Uint8Array => bytesOf(vectors.images.find((image) => image.name === name)!.file);
const largestDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe('reading', () => {
  test.each(vectors.images)('$name as Pillow reads it', ({ name, file, width, height, channels, pixels }) => {
    const image = readImage(bytesOf(file));
    expect(image).toMatchObject({ width, height, channels });
    expect(image.data).toHaveLength(width * height * channels);
    // PNG is exact. Two transforms of JPEG may round a sample apart, and blue is luma + 1.772 · chroma: 1 + 1.772, rounded. With
    // subsampled chroma, libjpeg smooths where jpeg-js repeats.
    const most = name === '420.jpg' ? 40 : name.endsWith('.jpg') ? 3 : 0;
    const expected = bytesOf(pixels);
    const bias = image.data.reduce((sum, value, i) => sum + value - expected[i]!, 0) / image.data.length;
    expect(Math.abs(bias)).toBeLessThan(0.2);
    expect(largestDifference(image.data, expected)).toBeLessThanOrEqual(most);
  });

  test('interlaced PNG', () => {
    const data = Uint8Array.from({ length: 11 * 7 * 3 }, (_, i) => (i * 37) % 256);
    const image = { width: 11, height: 7, channels: 3, depth: 8, data } as const;
    expect(readImage(encodePng(image, { interlace: 'Adam7' }))).toEqual({ width: 11, height: 7, channels: 3, data });
  });

  test('bytes that lie anywhere', () => {
    for (const { file } of vectors.images.slice(0, 14)) {
      const larger = new Uint8Array(bytesOf(file).length + 8).fill(0xff);
      larger.set(bytesOf(file), 3);
      expect(readImage(larger.subarray(3, larger.length - 5))).toEqual(readImage(bytesOf(file)));
    }
  });
});

describe('what is no image, or not one that can be read', () => {
  test('other formats are named by their first bytes', () => {
    expect(() => readImage(Uint8Array.of(0x52, 0x49, 0x46, 0x46, 0))).toThrow(MissingPartError);
    expect(() => readImage(new Uint8Array())).toThrow('expected a JPEG or PNG image, got no bytes');
  });

  test.each(['444.jpg', 'rgb.png'])('%s larger than the limit', (name) => {
    expect(() => readImage(fileOf(name), { maxPixels: 23 * 17 - 1 })).toThrow(/23 × 17 pixels.* limit 390/);
    expect(readImage(fileOf(name), { maxPixels: 23 * 17 }).width).toBe(23);
  });

  test('a limit that is none', () => {
    expect(() => readImage(fileOf('rgb.png'), { maxPixels: Number.NaN })).toThrow(RangeError);
  });

  test('a PNG that inflates to more than its pixels is left before it takes memory', () => {
    const bomb = zlibSync(new Uint8Array(50_000_000));
    const small = encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(12) });
    const at = Buffer.from(small).indexOf('IDAT') - 4;
    const chunk = Buffer.alloc(12 + bomb.length);
    chunk.writeUInt32BE(bomb.length);
    chunk.write('IDAT', 4);
    chunk.set(bomb, 8);
    const rest = small.subarray(at + 12 + new DataView(small.buffer, small.byteOffset).getUint32(at));
    expect(() => readImage(Buffer.concat([small.subarray(0, at), chunk, rest]))).toThrow('more than 14 bytes');
  });

  test('a JPEG that claims more pixels than it has data for', () => {
    const bytes = fileOf('444.jpg');
    const at = Buffer.from(bytes).indexOf(Buffer.from([0xff, 0xc0])) + 5;
    new DataView(bytes.buffer).setUint32(at, 0x1000_1000); // 4096 × 4096
    expect(() => readImage(bytes)).toThrow(/4096 × 4096 pixels in \d+ bytes/);
  });

  test('damaged files end in an error that says so, or in pixels', () => {
    const random = seededRandom(2);
    for (const { name, file } of vectors.images) {
      for (let run = 0; run < 60; run++) {
        const whole = bytesOf(file);
        const bytes = run % 3 === 0 ? whole.slice(0, random.integer(whole.length)) : whole;
        for (let n = random.integer(4); n >= 0 && bytes.length > 0; n--) {
          bytes[random.integer(bytes.length)] = random.float() < 0.3 ? 255 : random.integer(256);
        }
        try {
          const { width, height, channels, data } = readImage(bytes, { maxPixels: 1_000_000 });
          expect(data).toHaveLength(width * height * channels);
        } catch (error) {
          const typed = error instanceof CorruptDataError || error instanceof MissingPartError;
          expect(typed, `${name}, run ${run}: ${error}`).toBe(true);
        }
      }
    }
  });
});

describe('resizing', () => {
  const { resize } = vectors;
  const noise: Image = { width: resize.width, height: resize.height, channels: 3, data: bytesOf(resize.pixels) };

  test.each(resize.to)('to $width × $height as Pillow does', ({ width, height, pixels }) => {
    const image = resizeImage(noise, { width, height });
    expect(image).toMatchObject({ width, height, channels: 3 });
    // Pillow's weights have 22 bits, ours 53: where a sum lies next to a half, the two round apart.
    expect(largestDifference(image.data, bytesOf(pixels))).toBeLessThanOrEqual(1);
  });

  test('to its own size is the same', () => {
    expect(resizeImage(noise, { width: 40, height: 31 }).data).toEqual(noise.data);
  });

  test('of one colour keeps it', () => {
    const data = new Uint8Array(9 * 5 * 4).fill(201);
    expect(new Set(resizeImage({ width: 9, height: 5, channels: 4, data }, { width: 4, height: 7 }).data)).toEqual(
      new Set([201]),
    );
  });

  test('halves by a triangle over four pixels', () => {
    const data = Uint8Array.of(0, 0, 0, 40, 40, 40, 80, 80, 80, 240, 240, 240);
    // Centre 1, reach 2: weights 3, 3, 1 of pixels ½, 1½, 2½, cut off at the edge; then mirrored.
    const half = resizeImage({ width: 4, height: 1, channels: 3, data }, { width: 2, height: 1 }).data;
    expect([half[0], half[3]]).toEqual([
      Math.round((3 * 0 + 3 * 40 + 80) / 7),
      Math.round((40 + 3 * 80 + 3 * 240) / 7),
    ]);
  });

  test('to nothing is refused', () => {
    expect(() => resizeImage(noise, { width: 0, height: 1 })).toThrow('"width" expected a whole number ≥ 1, got 0');
  });
});

describe('preprocessing', () => {
  // Rows of 1 2 3 4 / 5 6 7 8 in red, ten times that in green, and 100 in blue.
  const image: Image = {
    width: 4,
    height: 2,
    channels: 3,
    data: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8].flatMap((value) => [value, 10 * value, 100])),
  };

  test('cuts out the centre, one channel behind the other', () => {
    expect(preprocessImage(image, {}, [3, 2, 2])).toEqual(
      Float32Array.of(2, 3, 6, 7, 20, 30, 60, 70, 100, 100, 100, 100),
    );
  });

  test('a centre that is half a pixel off lies to the upper left', () => {
    expect([...preprocessImage(image, {}, [3, 1, 3])]).toEqual([1, 2, 3, 10, 20, 30, 100, 100, 100]);
  });

  test('orders channels first, then scales, subtracts and divides', () => {
    const preprocess = { channelOrder: 'bgr', scale: 0.5, mean: [50, 0, 1], std: [1, 2, 4] } as const;
    // Blue (100 · 0.5 − 50) / 1, green (20 · 0.5 − 0) / 2, red (2 · 0.5 − 1) / 4, of the pixel in column 1.
    expect([...preprocessImage(image, preprocess, [3, 1, 1])]).toEqual([0, 5, 0]);
  });

  test('makes the shorter side so long, and keeps the aspect ratio', () => {
    const wide: Image = { width: 9, height: 4, channels: 3, data: new Uint8Array(9 * 4 * 3).fill(7) };
    expect(() => preprocessImage(wide, { resize: 2 }, [3, 2, 5])).toThrow(
      'at least 5 × 2 pixels to cut out, got 4 × 2',
    );
    expect(preprocessImage(wide, { resize: 2 }, [3, 2, 4])).toEqual(new Float32Array(24).fill(7));
    const high: Image = { width: 4, height: 9, channels: 3, data: wide.data };
    expect(preprocessImage(high, { resize: 2 }, [3, 4, 2])).toHaveLength(24);
  });

  test('makes grey of colours for a network of one channel', () => {
    const colours: Image = { width: 3, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255) };
    expect([...preprocessImage(colours, {}, [1, 1, 3])]).toEqual([76, 150, 29]); // as Pillow's convert("L")
  });

  test('leaves alpha out', () => {
    const clear: Image = { width: 1, height: 1, channels: 4, data: Uint8Array.of(1, 2, 3, 0) };
    expect([...preprocessImage(clear, {}, [3, 1, 1])]).toEqual([1, 2, 3]);
  });

  test.each([
    [[4], {}, '"outputShape" expected [1 or 3, height, width], got [4]'],
    [[3, 2, 2], { crop: [1, 1] }, '"crop" expected the input\'s own [2, 2], got [1,1]'],
    [[3, 2, 2], { mean: [1] }, '"mean" expected 3 numbers, got 1'],
    [[3, 5, 2], {}, 'at least 2 × 5 pixels to cut out, got 4 × 2: give a larger "resize"'],
  ] as const)('refuses %j with %j', (shape, preprocess, message) => {
    expect(() => preprocessImage(image, preprocess, shape)).toThrow(message);
  });
});
