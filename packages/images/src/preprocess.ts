import type { Preprocess, Shape } from '@pare/core';
import { checkImage, type Image } from './image.ts';
import { resizeImage } from './resize.ts';

/**
 * Makes an image the input of a network, as the network's `preprocess` says.
 *
 * 1. Grey, for a network of one channel: `(19595·R + 38470·G + 7471·B + 2^15) / 2^16`, rounded down (ITU-R BT.601).
 *    Alpha is left out in any case.
 * 2. `resize`: the shorter side gets so many pixels, the longer one `floor(resize · longer / shorter)`; see `resizeImage`.
 * 3. `crop`: the centre, `floor((extent − crop) / 2)` pixels from the top and from the left.
 * 4. `channelOrder`, then `x_c = (pixel_c · scale − mean_c) / std_c`, rounded once, to float32.
 *
 * @param image - as `readImage` of `@pare/interop/images` gives it
 * @param preprocess - of the input layer; `{}` keeps the numbers 0 … 255
 * @param outputShape - of the input layer: `[C, H, W]`, C = 1 or 3
 * @returns numbers in the order of `outputShape`
 * @throws RangeError if the shape is no image's, the crop does not fit in, mean or std are not one number a channel, or the image
 * has not as many numbers as it says
 * @example
 * const red = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 51) } as const;
 * preprocessImage(red, { scale: 1 / 255, channelOrder: 'bgr' }, [3, 1, 1]) // Float32Array(3) [ 0.20000000298023224, 0, 1 ]
 */
export function preprocessImage(image: Image, preprocess: Preprocess, outputShape: Shape): Float32Array {
  checkImage('preprocessImage', image);
  const [channels = 0, height = 0, width = 0] = outputShape;
  const { resize, crop = [height, width], channelOrder = 'rgb', scale = 1, mean, std } = preprocess;
  if (outputShape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new RangeError(`preprocessImage: "outputShape" expected [1 or 3, height, width], got [${outputShape}]`);
  }
  if (crop[0] !== height || crop[1] !== width) {
    throw new RangeError(`preprocessImage: "crop" expected the input's own [${height}, ${width}], got [${crop}]`);
  }
  for (const [name, values] of [
    ['mean', mean],
    ['std', std],
  ] as const) {
    if (values && values.length !== channels) {
      throw new RangeError(`preprocessImage: "${name}" expected ${channels} numbers, got ${values.length}`);
    }
  }
  const coloured = channels === 1 ? grey(image) : image;
  const resized = resize === undefined ? coloured : resizeShorter(coloured, resize);
  const top = Math.floor((resized.height - height) / 2);
  const left = Math.floor((resized.width - width) / 2);
  if (top < 0 || left < 0) {
    throw new RangeError(
      `preprocessImage: "image" expected at least ${width} × ${height} pixels to cut out, got ${resized.width} × ${resized.height}: give a larger "resize"`,
    );
  }
  const out = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    const source = channelOrder === 'bgr' ? channels - 1 - c : c;
    const [offset, divisor] = [mean?.[c] ?? 0, std?.[c] ?? 1];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = resized.data[((top + y) * resized.width + left + x) * resized.channels + source]!;
        out[(c * height + y) * width + x] = (pixel * scale - offset) / divisor;
      }
    }
  }
  return out;
}

function resizeShorter(image: Image, shorter: number): Image {
  const { width, height } = image;
  const longer = (extent: number, other: number): number => Math.max(1, Math.floor((shorter * extent) / other));
  return width <= height
    ? resizeImage(image, { width: shorter, height: longer(height, width) })
    : resizeImage(image, { width: longer(width, height), height: shorter });
}

/** Three equal channels: the first is the grey one. */
function grey({ width, height, channels, data }: Image): Image {
  const out = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [data[i * channels]!, data[i * channels + 1]!, data[i * channels + 2]!];
    out.fill((19595 * r + 38470 * g + 7471 * b + 0x8000) >>> 16, i * 3, i * 3 + 3);
  }
  return { width, height, channels: 3, data: out };
}
