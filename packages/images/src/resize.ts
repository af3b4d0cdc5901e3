import { checkImage, type Image } from './image.ts';

export interface ResizeOptions {
  /** Pixels of the new image, ≥ 1. */
  readonly width: number;
  readonly height: number;
}

/**
 * Resizes an image as Pillow does with `BILINEAR`, which is what networks were trained and measured with: a triangle as wide
 * as a new pixel is in the old image, but at least two old pixels, so that nothing is skipped when it gets smaller.
 *
 *     scale = old / new     reach = max(scale, 1)     centre_i = (i + ½) · scale
 *     w_ij ∝ max(0, 1 − |j + ½ − centre_i| / reach)   over the old pixels j, summing to 1
 *
 * Rows are done first, then columns; after each the numbers are rounded to whole ones, as Pillow's images are of bytes.
 *
 * @throws RangeError if an extent is not a whole number ≥ 1, or the image has not as many numbers as it says
 * @example
 * const two = { width: 2, height: 1, channels: 3, data: Uint8Array.of(0, 0, 0, 100, 100, 100) } as const;
 * resizeImage(two, { width: 1, height: 1 }).data // Uint8Array(3) [ 50, 50, 50 ]
 * @see Pillow, src/libImaging/Resample.c
 */
export function resizeImage(image: Image, { width, height }: ResizeOptions): Image {
  for (const [name, extent] of [
    ['width', width],
    ['height', height],
  ] as const) {
    if (!Number.isSafeInteger(extent) || extent < 1) {
      throw new RangeError(`resizeImage: "${name}" expected a whole number ≥ 1, got ${extent}`);
    }
  }
  checkImage('resizeImage', image);
  const { channels } = image;
  // A row is `channels` numbers a step wide, a column a whole row of the image.
  const rows = resample(image.data, image.height, image.width, width, channels);
  const data = resample(rows, 1, image.height, height, width * channels);
  return { width, height, channels, data };
}

// from [outer, old, inner]  to [outer, new, inner]
function resample(from: Uint8Array, outer: number, before: number, after: number, inner: number): Uint8Array {
  if (before === after) return from;
  const to = new Uint8Array(outer * after * inner);
  const sums = new Float64Array(inner);
  for (const [i, { first, weights }] of windows(before, after).entries()) {
    for (let o = 0; o < outer; o++) {
      sums.fill(0);
      for (let j = 0; j < weights.length; j++) {
        const weight = weights[j]!;
        const at = (o * before + first + j) * inner;
        for (let c = 0; c < inner; c++) sums[c]! += weight * from[at + c]!;
      }
      const at = (o * after + i) * inner;
      for (let c = 0; c < inner; c++) to[at + c] = Math.floor(sums[c]! + 0.5); // weights sum to 1: within 0 … 255
    }
  }
  return to;
}

interface Window {
  readonly first: number;
  readonly weights: Float64Array;
}

function windows(before: number, after: number): readonly Window[] {
  const scale = before / after;
  const reach = Math.max(scale, 1);
  return Array.from({ length: after }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(before, Math.floor(centre + reach + 0.5));
    const weights = new Float64Array(end - first);
    let sum = 0;
    for (let j = 0; j < weights.length; j++)
      sum += weights[j] = Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / reach);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}
