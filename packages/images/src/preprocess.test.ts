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
