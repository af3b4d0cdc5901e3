import type { Conv2dLayer, DenseLayer, Random } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { tensorMemoryOf } from '../wasm-gradients/tensor-memory.ts';

/** What the outputs of a layer were computed from: a row for each output that was looked at. */
export interface Patches {
  readonly groups: number;
  /** Numbers of a row, D. */
  readonly width: number;
  readonly count: number;
  /** Rows of one example, behind each other. */
  readonly perExample: number;
  /** For each group `[count, width]`, in the order of a kernel's row: `[C / groups, R, S]`. */
  readonly rows: readonly Float32Array[];
}

/**
 * Copies the inputs of some of a layer's outputs out of its input, padding included.
 *
 * Of each example `positions` outputs are looked at, all if there are no more: the map is cut into as many runs of equal
 * length, and one is drawn from each.
 *
 * @param x - `[N, H, W, C]` before a convolution, `[N, C]` before a dense layer
 * @param randoms - of each example, N; the same chance gives the same positions
 */
export function patchesOf(
  layer: Conv2dLayer | DenseLayer,
  x: tf.Tensor,
  positions: number,
  randoms: readonly Random[],
): Patches {
  if (layer.kind === 'dense') {
    return {
      groups: 1,
      width: x.shape[1]!,
      count: x.shape[0]!,
      perExample: 1,
      rows: [x.dataSync<'float32'>()],
    };
  }
  // Most of a map is not looked at: it is not copied out of tfjs's memory where that is in reach.
  const values = tensorMemoryOf(tf.backend())?.viewOf(x) ?? x.dataSync<'float32'>();
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const [, outHeight = 0, outWidth = 0] = layer.outputShape;
  const { groups, stride, padding, dilation = [1, 1] } = layer;
  const [R, S] = layer.kernelSize;
  const perGroup = channels / groups;
  const size = perGroup * R * S;
  const area = outHeight * outWidth;
  const chosen = Math.min(positions, area);
  const count = batch * chosen;
  const rows = Array.from({ length: groups }, () => new Float32Array(count * size));
  for (let m = 0; m < count; m++) {
    const n = Math.floor(m / chosen);
    const position = drawn(m % chosen, chosen, area, randoms[n]!);
    const top = Math.floor(position / outWidth) * stride[0] - padding[0];
    const left = (position % outWidth) * stride[1] - padding[2];
    for (let r = 0; r < R; r++) {
      const h = top + r * dilation[0];
      if (h < 0 || h >= height) continue; // zeros
      for (let s = 0; s < S; s++) {
        const w = left + s * dilation[1];
        if (w < 0 || w >= width) continue;
        let from = ((n * height + h) * width + w) * channels;
        for (const row of rows) {
          let to = m * size + r * S + s;
          for (let c = 0; c < perGroup; c++, to += R * S) row[to] = values[from++]!;
        }
      }
    }
  }
  return { groups, width: size, count, perExample: chosen, rows };
}

/** One of the outputs ⌊i·area / count⌋ … ⌊(i + 1)·area / count⌋ − 1. */
function drawn(i: number, count: number, area: number, random: Random): number {
  const first = Math.floor((i * area) / count);
  const length = Math.floor(((i + 1) * area) / count) - first;
  return length === 1 ? first : first + random.integer(length);
}
