import type { Preprocess } from '@pare/core';
import { preprocessImage } from '@pare/interop/images';
import { beforeAll, describe, expect, test } from 'vitest';
import { distorted } from './augmentation.ts';
import { startWasm } from './backend.ts';
import { checkExamples, type Examples, inputBatch } from './examples.ts';

const examples: Examples = {
  pixels: new Uint8Array(3 * 4),
  labels: Uint8Array.of(0, 9, 2),
  count: 3,
  shape: [1, 2, 2],
};

describe('checkExamples', () => {
  test('accepts what hangs together, and what a model takes', () => {
    checkExamples(examples, 'test');
    checkExamples(examples, 'test', { classes: 10, shape: [1, 2, 2] });
    checkExamples(examples, 'test', { classes: undefined, shape: undefined });
  });

  test('refuses a label beyond the classes, which would be written into the next one-hot row', () => {
    expect(() => checkExamples(examples, 'train', { classes: 9 })).toThrow(
      new RangeError('train: "labels" expected values < 9, the model\'s classes, got 9 at index 1'),
    );
  });

  test("refuses pictures that are not of the shape of the model's input, as many values as they may have", () => {
    expect(() => checkExamples(examples, 'train', { shape: [4, 1, 1] })).toThrow(
      new RangeError('train: "shape" expected [4, 1, 1] as the model\'s input has, got [1, 2, 2]'),
    );
  });

  test('refuses counts and lengths that disagree', () => {
    expect(() => checkExamples({ ...examples, count: 0 }, 'train')).toThrow(
      'train: "count" expected at least 1, got 0',
    );
    expect(() => checkExamples({ ...examples, count: 2 }, 'train')).toThrow('train: "pixels" expected 2 × 4 values');
    expect(() => checkExamples({ ...examples, labels: new Uint8Array(2) }, 'train')).toThrow(
      'train: "labels" expected 3, got 2',
    );
  });

  test('lets labels be absent where nobody needs them', () => {
    const { labels: _, ...rest } = examples;
    checkExamples(rest, 'train', { unlabelled: true, classes: 2 });
    expect(() => checkExamples(rest, 'train')).toThrow(new RangeError('train: "labels" expected 3, got none'));
  });

  test('takes labels of more than a byte', () => {
    checkExamples({ ...examples, labels: Uint16Array.of(0, 999, 2) }, 'test', { classes: 1000 });
  });
});

describe('inputBatch', () => {
  beforeAll(startWasm);

  const [height, width] = [4, 5];
  // Every byte there is, in a picture of pixels [R, G, B], and the same as planes.
  const data = Uint8Array.from({ length: 2 * 3 * height * width }, (_, i) => (i * 37) & 255);
  const plane = height * width;
  const planes = Uint8Array.from(
    data,
    (_, i) => data[Math.floor(i / (3 * plane)) * 3 * plane + (i % plane) * 3 + (Math.floor(i / plane) % 3)]!,
  );
  const pictures: Examples = { pixels: planes, count: 2, shape: [3, height, width] };

  test.each<Preprocess>([
    {},
    { channelOrder: 'bgr', mean: [104, 117, 123] },
    { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    { channelOrder: 'bgr', scale: 1 / 127.5, mean: [1, 1, 1], std: [0.5, 2, 3] },
  ])('prepares stored pixels as preprocessImage prepares the picture: %o', (preprocess) => {
    const batch = inputBatch(pictures, Uint32Array.of(1, 0), preprocess);
    expect(batch.shape).toEqual([2, 3, height, width]);
    const expected = [1, 0].flatMap((n) => {
      const picture = { width, height, channels: 3 as const, data: data.subarray(n * 3 * plane, (n + 1) * 3 * plane) };
      return [...preprocessImage(picture, preprocess, pictures.shape)];
    });
    expect(Array.from(batch.dataSync())).toEqual(expected);
    batch.dispose();
  });

  test('hands floats on as they are', () => {
    const floats: Examples = { ...pictures, pixels: Float32Array.from(planes, (value) => value - 0.5) };
    const batch = inputBatch(floats, Uint32Array.of(1), { scale: 9, channelOrder: 'bgr' });
    expect(batch.dataSync()).toEqual(floats.pixels.slice(3 * plane));
    batch.dispose();
    expect(() => distorted(floats, { float: () => 0 } as never)).toThrow('"pixels" expected bytes, got floats');
  });
});
