import type { Preprocess, Random, Shape } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';

/** Examples in memory. */
export interface Examples {
  /**
   * `[count, C, H, W]`. Bytes are raw values 0 … 255, colours in the order red, green, blue, resized and cropped: the network's own
   * `preprocess` does the rest. Floats are numbers as the network takes them, and nothing is done to them.
   */
  readonly pixels: Uint8Array | Float32Array;
  /** Class of each example, `[count]`; may be absent where nothing asks for it. */
  readonly labels?: Uint8Array | Uint16Array | Uint32Array;
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
  /** Whether labels may be absent; default false. */
  readonly unlabelled?: boolean | undefined;
}

/**
 * Checks that examples are what they say, and what a model needs.
 *
 * @param what - whose argument they are, for the message
 * @throws RangeError if lengths, shape or count disagree, or a label is none of the model's classes
 */
export function checkExamples(examples: Examples, what: string, needs: ExampleNeeds = {}): void {
  const { classes, shape, unlabelled = false } = needs;
  const size = examples.shape.reduce((a, b) => a * b, 1);
  const { count, pixels, labels } = examples;
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${what}: "count" expected at least 1, got ${count}`);
  if (pixels.length !== count * size) {
    throw new RangeError(`${what}: "pixels" expected ${count} × ${size} values, got ${pixels.length}`);
  }
  if (labels ? labels.length !== count : !unlabelled) {
    throw new RangeError(`${what}: "labels" expected ${count}, got ${labels?.length ?? 'none'}`);
  }
  if (shape && shape.join() !== examples.shape.join()) {
    throw new RangeError(
      `${what}: "shape" expected [${shape.join(', ')}] as the model's input has, got [${examples.shape.join(', ')}]`,
    );
  }
  if (classes === undefined || !labels) return;
  const index = labels.findIndex((label) => label >= classes);
  if (index < 0) return;
  throw new RangeError(
    `${what}: "labels" expected values < ${classes}, the model's classes, got ${labels[index]} at index ${index}`,
  );
}

/** Copies the chosen examples. */
export function pickExamples({ pixels, labels, shape }: Examples, chosen: Uint32Array): Examples {
  const size = shape.reduce((a, b) => a * b, 1);
  const count = chosen.length;
  const picked = pixels instanceof Uint8Array ? new Uint8Array(count * size) : new Float32Array(count * size);
  const pickedLabels = labels?.slice(0, count);
  chosen.forEach((example, n) => {
    picked.set(pixels.subarray(example * size, (example + 1) * size), n * size);
    if (labels) pickedLabels![n] = labels[example]!;
  });
  return { pixels: picked, ...(pickedLabels && { labels: pickedLabels }), count, shape };
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
 * @returns `[N, C, H, W]`, preprocessed as `preprocessImage` of `@pare/interop/images` does it
 */
export function inputBatch(examples: Examples, chosen: Uint32Array, preprocess: Preprocess = {}): tf.Tensor4D {
  const [channels = 1, height = 1, width = 1] = examples.shape;
  const plane = height * width;
  const size = channels * plane;
  const { pixels } = examples;
  const out = new Float32Array(chosen.length * size);
  const shape: [number, number, number, number] = [chosen.length, channels, height, width];
  if (pixels instanceof Float32Array) {
    chosen.forEach((example, n) => void out.set(pixels.subarray(example * size, (example + 1) * size), n * size));
    return tf.tensor4d(out, shape);
  }
  const { channelOrder = 'rgb', scale = 1, mean, std } = preprocess;
  const prepared = new Float32Array(256); // of each byte, in double precision and rounded once
  for (let c = 0; c < channels; c++) {
    for (let value = 0; value < 256; value++) prepared[value] = (value * scale - (mean?.[c] ?? 0)) / (std?.[c] ?? 1);
    const source = channelOrder === 'bgr' ? channels - 1 - c : c;
    for (let n = 0; n < chosen.length; n++) {
      const from = chosen[n]! * size + source * plane;
      const to = n * size + c * plane;
      for (let i = 0; i < plane; i++) out[to + i] = prepared[pixels[from + i]!]!;
    }
  }
  return tf.tensor4d(out, shape);
}

/** The pixels, where what is done to them makes sense for bytes alone. */
export function bytesOf({ pixels }: Examples, what: string): Uint8Array {
  if (pixels instanceof Float32Array) {
    throw new RangeError(`${what}: "pixels" expected bytes, got floats, which may be no picture any more`);
  }
  return pixels;
}

/** One-hot rows, `[N, classes]`. */
export function oneHot(labels: Uint32Array, classes: number): tf.Tensor2D {
  const out = new Float32Array(labels.length * classes);
  labels.forEach((label, n) => {
    out[n * classes + label] = 1;
  });
  return tf.tensor2d(out, [labels.length, classes]);
}
