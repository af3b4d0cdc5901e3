import type { Model } from '@pare/core';
import { buildLayersModel } from '@pare/tfjs/layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Crops } from './data/crops.ts';

export interface AnswersOptions {
  readonly signal?: AbortSignal;
  /** Called with the share done, 0 … 1. */
  readonly onProgress?: (done: number) => void;
}

/** Images at once: more is no faster, and takes memory. */
const BATCH = 10;

/**
 * Computes a network's logits for images, preprocessed as its input layer says.
 *
 * @returns `[count, classes]`
 */
export async function answersOf(model: Model, crops: Crops, options: AnswersOptions = {}): Promise<Float32Array> {
  const { signal, onProgress } = options;
  const network = buildLayersModel(model);
  let answers = new Float32Array(0);
  try {
    for (let start = 0; start < crops.count; start += BATCH) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      const count = Math.min(BATCH, crops.count - start);
      const batch = tf.tidy(() => (network.predict(inputOf(model, crops, start, count)) as tf.Tensor).dataSync());
      if (answers.length === 0) answers = new Float32Array((batch.length / count) * crops.count);
      answers.set(batch, start * (batch.length / count));
      onProgress?.((start + count) / crops.count);
    }
  } finally {
    network.dispose();
  }
  return answers;
}

function inputOf(
  model: Model,
  { pixels, shape: [channels, height, width] }: Crops,
  start: number,
  count: number,
): tf.Tensor4D {
  const input = model.layers.find((layer) => layer.kind === 'input');
  const { channelOrder = 'rgb', scale = 1, mean, std } = input?.preprocess ?? {};
  const plane = height * width;
  const out = new Float32Array(count * channels * plane);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      const from = ((start + n) * channels + (channelOrder === 'bgr' ? channels - 1 - c : c)) * plane;
      const [offset, spread] = [mean?.[c] ?? 0, std?.[c] ?? 1];
      for (let i = 0; i < plane; i++)
        out[(n * plane + i) * channels + c] = (pixels[from + i]! * scale - offset) / spread;
    }
  }
  return tf.tensor4d(out, [count, height, width, channels]);
}
