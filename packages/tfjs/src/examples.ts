import type { Preprocess, Random, Shape } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { distort } from './distort.ts';

/** Labelled examples in memory. */
export interface Examples {
  /** Raw values 0 … 255, `[count, C, H, W]`. */
  readonly pixels: Uint8Array;
  /** Class of each example, `[count]`. */
  readonly labels: Uint8Array;
  readonly count: number;
  /** Of one example: `[C, H, W]`. */
  readonly shape: Shape;
}

/** What a model asks of examples. */
export interface ExampleNeeds {
  /** How many classes it tells apart: every label is below. Default: any. */
  readonly classes?: number | undefined;
  /** Of its input layer. Default: any. */
  readonly shape?: Shape | undefined;
}

/**
 * Checks that examples are what they say, and what a model needs.
 *
 * @param what - whose argument they are, for the message
 * @throws RangeError if lengths, shape or count disagree, or a label is none of the model's classes
 */
export function checkExamples(examples: Examples, what: string, { classes, shape }: ExampleNeeds = {}): void {
  const size = examples.shape.reduce((a, b) => a * b, 1);
  const { count, pixels, labels } = examples;
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${what}: "count" expected at least 1, got ${count}`);
  if (pixels.length !== count * size) {
    throw new RangeError(`${what}: "pixels" expected ${count} × ${size} values, got ${pixels.length}`);
  }
  if (labels.length !== count) throw new RangeError(`${what}: "labels" expected ${count}, got ${labels.length}`);
  if (shape && shape.join() !== examples.shape.join()) {
    throw new RangeError(
      `${what}: "shape" expected [${shape.join(', ')}] as the model's input has, got [${examples.shape.join(', ')}]`,
    );
  }
  if (classes === undefined) return;
  const index = labels.findIndex((label) => label >= classes);
  if (index < 0) return;
  throw new RangeError(
    `${what}: "labels" expected values < ${classes}, the model's classes, got ${labels[index]} at index ${index}`,
  );
}

/** Yields the numbers of the examples of each batch; the last batch of an epoch may be smaller. */
export function* batches(count: number, batchSize: number, random?: Random): Generator<Uint32Array> {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  random?.shuffle(order);
  for (let start = 0; start < count; start += batchSize) yield order.subarray(start, start + batchSize);
}

/**
 * Puts the chosen examples into a tensor as the network sees them.
 *
 * @returns `[N, C, H, W]`, preprocessed
 */
export function inputBatch(examples: Examples, chosen: Uint32Array, preprocess: Preprocess = {}): tf.Tensor4D {
  const [channels = 1, height = 1, width = 1] = examples.shape;
  const plane = height * width;
  const size = channels * plane;
  const { scale = 1, mean, std } = preprocess;
  const out = new Float32Array(chosen.length * size);
  for (let c = 0; c < channels; c++) {
    const spread = 1 / (std?.[c] ?? 1);
    const factor = scale * spread;
    const shift = (mean?.[c] ?? 0) * spread;
    for (let n = 0; n < chosen.length; n++) {
      const from = chosen[n]! * size + c * plane;
      const to = n * size + c * plane;
      for (let i = 0; i < plane; i++) out[to + i] = examples.pixels[from + i]! * factor - shift;
    }
  }
  return tf.tensor4d(out, [chosen.length, channels, height, width]);
}

/** Makes the examples anew, each distorted by a random affine map of its own; see `distort` for the strength. */
export function distorted(examples: Examples, random: Random, strength = 1): Examples {
  const [channels = 1, height = 1, width = 1] = examples.shape;
  const size = channels * height * width;
  const pixels = new Uint8Array(examples.count * size);
  const one = new Float32Array(size);
  for (let start = 0; start < pixels.length; start += size) {
    distort(examples.pixels.subarray(start, start + size), channels, height, width, random, one, strength);
    for (let i = 0; i < size; i++) pixels[start + i] = one[i]! + 0.5; // rounds, since a Uint8Array cuts off
  }
  return { ...examples, pixels };
}

/** One-hot rows, `[N, classes]`. */
export function oneHot({ labels }: Examples, chosen: Uint32Array, classes: number): tf.Tensor2D {
  const out = new Float32Array(chosen.length * classes);
  chosen.forEach((example, n) => {
    out[n * classes + labels[example]!] = 1;
  });
  return tf.tensor2d(out, [chosen.length, classes]);
}
