import { expect, test } from 'vitest';
import { centreCrops } from './crops.ts';
import type { ImageSet } from './image-set.ts';

/** Each pixel tells its row, its column and its image. */
const image = (width: number, height: number, number: number) => ({
  width,
  height,
  channels: 3 as const,
  data: Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => [Math.floor(i / 3 / width), Math.floor(i / 3) % width, number].at(i % 3)!,
  ),
});
const set: ImageSet = {
  name: 'two',
  images: [image(6, 5, 0), image(4, 4, 1)],
  labels: Uint16Array.of(7, 999),
  titles: ['a', 'b'],
};

test('cuts the centre out, channels first, rounding down', () => {
  const { pixels, shape, count } = centreCrops(set, 2, Uint32Array.of(0));
  expect([count, shape]).toEqual([1, [3, 2, 2]]);
  // of 5 rows 1 and 2, of 6 columns 2 and 3
  expect([...pixels]).toEqual([1, 1, 2, 2, 2, 3, 2, 3, 0, 0, 0, 0]);
});

test('takes the images asked for, with their labels, in the order asked for', () => {
  const { labels, pixels } = centreCrops(set, 4, Uint32Array.of(1, 0));
  expect(labels).toEqual(Uint16Array.of(999, 7));
  expect([pixels[32], pixels[48 + 32]]).toEqual([1, 0]);
});

test('an image that is too small is named', () => {
  expect(() => centreCrops(set, 5)).toThrow('image 1 of two expected 5 pixels a side, got 4 × 4');
});
