import type { ImageSet } from './image-set.ts';

/** The centres of images, as networks are judged on them: examples for `@pare/tfjs`. */
export interface Crops {
  /** Raw values 0 … 255, red, green, blue: `[count, 3, side, side]`. */
  readonly pixels: Uint8Array;
  /** Class of each; absent for drawn images. */
  readonly labels?: Uint16Array;
  readonly count: number;
  /** Of one example: `[3, side, side]`. */
  readonly shape: readonly [number, number, number];
}

/**
 * Cuts the centre out of images, `floor((extent − side) / 2)` from the top and from the left.
 *
 * @param chosen - numbers of the images wanted, in the order wanted; default all
 * @throws RangeError if an image is smaller than the centre
 * @example
 * const image = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) } as const;
 * centreCrops({ name: 'two', images: [image], labels: undefined, titles: [''] }, 1).pixels // Uint8Array [ 1, 2, 3 ]
 */
export function centreCrops({ name, images, labels }: ImageSet, side: number, chosen?: Uint32Array): Crops {
  const wanted = chosen ?? Uint32Array.from(images.keys());
  const plane = side * side;
  const pixels = new Uint8Array(wanted.length * 3 * plane);
  wanted.forEach((index, n) => {
    const { width, height, channels, data } = images[index]!;
    if (width < side || height < side) {
      throw new RangeError(
        `centreCrops: image ${index} of ${name} expected ${side} pixels a side, got ${width} × ${height}`,
      );
    }
    const top = Math.floor((height - side) / 2);
    const left = Math.floor((width - side) / 2);
    for (let c = 0; c < 3; c++) {
      let to = (n * 3 + c) * plane;
      for (let y = 0; y < side; y++) {
        let from = ((top + y) * width + left) * channels + c;
        for (let x = 0; x < side; x++, from += channels) pixels[to++] = data[from]!;
      }
    }
  });
  return {
    pixels,
    ...(labels && { labels: Uint16Array.from(wanted, (index) => labels[index]!) }),
    count: wanted.length,
    shape: [3, side, side],
  };
}
