import type { Random, Shape } from '@pare/core';
import { distort } from './distort.ts';
import { bytesOf, type Examples } from './examples.ts';

/**
 * Makes examples anew by chance, for training.
 *
 * @param strength - 0 as they are, 1 as usual
 * @param shape - what the network takes, `[C, H, W]`
 * @returns as many examples of that shape, with the same labels
 */
export type Augmentation = (examples: Examples, random: Random, strength: number, shape: Shape) => Examples;

/**
 * Makes the examples anew, each distorted by a random affine map of its own; see `distort` for the strength.
 *
 * @throws RangeError if the pixels are floats
 */
export function distorted(examples: Examples, random: Random, strength = 1): Examples {
  const raw = bytesOf(examples, 'distorted');
  const [channels = 1, height = 1, width = 1] = examples.shape;
  const size = channels * height * width;
  const pixels = new Uint8Array(examples.count * size);
  const one = new Float32Array(size);
  for (let start = 0; start < pixels.length; start += size) {
    distort(raw.subarray(start, start + size), channels, height, width, random, one, strength);
    for (let i = 0; i < size; i++) pixels[start + i] = one[i]! + 0.5; // rounds, since a Uint8Array cuts off
  }
  return { ...examples, pixels };
}

/**
 * Cuts a piece of the network's size out of each example, at random, and turns it left to right or not, as a coin says: an
 * augmentation for photographs that are stored somewhat larger than the network takes them.
 *
 * The piece is moved from the centre by up to `strength` times the way to the rim, each axis for itself.
 *
 * @throws RangeError if examples are smaller than the shape, or have other channels
 */
export function randomCrops(examples: Examples, random: Random, strength: number, shape: Shape): Examples {
  if (strength === 0) return centreCrops(examples, shape);
  const start = (slack: number): number => {
    const part = 0.5 + Math.min(1, strength) * (random.float() - 0.5);
    return Math.floor(part * (slack + 1));
  };
  return cropped(examples, shape, 'randomCrops', start, () => random.float() < 0.5);
}

/**
 * Cuts the centre out of each example, as `preprocessImage` of `@pare/interop/images` does; examples of that shape stay as
 * they are.
 *
 * @throws RangeError if examples are smaller than the shape, or have other channels
 */
export function centreCrops(examples: Examples, shape: Shape): Examples {
  if (examples.shape.join() === shape.join()) return examples;
  return cropped(
    examples,
    shape,
    'centreCrops',
    (slack) => Math.floor(slack / 2),
    () => false,
  );
}

function cropped(
  examples: Examples,
  shape: Shape,
  what: string,
  start: (slack: number) => number,
  isTurned: () => boolean,
): Examples {
  const [channels = 1, outerHeight = 1, outerWidth = 1] = examples.shape;
  const [wanted = 1, height = 1, width = 1] = shape;
  if (wanted !== channels || height > outerHeight || width > outerWidth || shape.length !== examples.shape.length) {
    throw new RangeError(
      `${what}: "examples" expected at least [${shape.join(', ')}], got [${examples.shape.join(', ')}]`,
    );
  }
  const { pixels, count } = examples;
  const size = channels * height * width;
  const out = pixels instanceof Uint8Array ? new Uint8Array(count * size) : new Float32Array(count * size);
  for (let n = 0; n < count; n++) {
    const top = start(outerHeight - height);
    const left = start(outerWidth - width);
    const turned = isTurned();
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        const from = ((n * channels + c) * outerHeight + top + y) * outerWidth + left;
        const to = n * size + (c * height + y) * width;
        out.set(pixels.subarray(from, from + width), to);
        if (turned) out.subarray(to, to + width).reverse();
      }
    }
  }
  return { ...examples, pixels: out, shape };
}
