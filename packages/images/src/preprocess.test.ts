import { expect, test } from 'vitest';
import { preprocessImage, resizeImage } from './index.ts';

// Resizing against Pillow's own pixels is tested where images are read: packages/interop/test/images.test.ts.

const grey = (width: number, height: number, value: (x: number, y: number) => number) =>
  ({
    width,
    height,
    channels: 3,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) =>
      value(Math.floor(i / 3) % width, Math.floor(i / 3 / width)),
    ),
  }) as const;

test('the centre is cut out after the shorter side got its pixels', () => {
  const image = grey(8, 4, (x) => x * 10);
  const input = preprocessImage(image, { resize: 2 }, [3, 2, 2]);
  const resized = resizeImage(image, { width: 4, height: 2 });
  expect([...input.subarray(0, 2)]).toEqual([resized.data[3], resized.data[6]]);
});

test('an image that is too small is refused, with the repair', () => {
  expect(() =>
    preprocessImage(
      grey(4, 4, () => 0),
      {},
      [3, 5, 4],
    ),
  ).toThrow(/at least 4 × 5 pixels.*give a larger "resize"/);
});

test('an image of too few or too many numbers is refused, with what would fit', () => {
  const image = { width: 2, height: 1, channels: 3, data: new Uint8Array(8) } as const;
  const said = /"image\.data" expected 2 × 1 × 3 numbers, got 8: these have channels: 4/;
  expect(() => preprocessImage(image, {}, [3, 1, 2])).toThrow(said);
  expect(() => preprocessImage(image, {}, [3, 1, 2])).toThrow(/^preprocessImage: /);
  expect(() => resizeImage(image, { width: 1, height: 1 })).toThrow(said);
  expect(() => resizeImage({ ...image, data: new Uint8Array(5) }, { width: 2, height: 1 })).toThrow(
    /^resizeImage: .* got 5: give the width and height/,
  );
  expect(() => resizeImage({ ...image, width: Number.NaN }, { width: 1, height: 1 })).toThrow(RangeError);
});

test('an image of one channel is refused, as no Image has one', () => {
  const image = { width: 2, height: 1, channels: 1 as 3, data: new Uint8Array(2) };
  expect(() => preprocessImage(image, {}, [1, 1, 2])).toThrow(/"image\.channels" expected 3 or 4, got 1: /);
});
