import type { Tensor } from '@tensorflow/tfjs-core';
import { defineOperation } from './_operation.ts';

/**
 * The maximum of each window: y[c, p, q, n] = max_{r, s < size} x[c, p·stride + r, q·stride + s, n].
 *
 * A gradient goes to the first of equal maxima in row-major order, as on tfjs's cpu backend.
 *
 * @param x - [C, H, W, N]
 * @param size - of the window, in pixels, 1…16
 * @param stride - default `size`
 * @returns [C, P, Q, N] with P = ⌊(H − size) / stride⌋ + 1: what no whole window covers is left out
 * @throws RangeError if the window does not fit; MissingPartError if {@link sparseTrainingAvailable} says no
 */
export function maxPoolChwn(x: Tensor, size: number, stride: number = size): Tensor {
  if (x.rank !== 4) throw new RangeError(`maxPoolChwn: "x" expected [C, H, W, N], got [${x.shape}]`);
  const limit = Math.min(LARGEST_WINDOW, x.shape[1]!, x.shape[2]!);
  if (!(Number.isInteger(size) && size >= 1 && size <= limit)) {
    throw new RangeError(`maxPoolChwn: "size" expected 1…${limit}, got ${size}`);
  }
  if (!(Number.isInteger(stride) && stride >= 1)) {
    throw new RangeError(`maxPoolChwn: "stride" expected a whole number ≥ 1, got ${stride}`);
  }
  return pool({ x }, { size, stride, shape: x.shape });
}

// 16: the place of the maximum, of at most 16 · 16, is kept in a byte.
export const LARGEST_WINDOW = 16;

const pool = /* @__PURE__ */ defineOperation<{ size: number; stride: number; shape: readonly number[] }>({
  name: 'PareMaxPoolChwn',
  inputsToSave: [],

  forward({ kernels, address, output }, { x }, { size, stride, shape }) {
    const [channels, height, width, batch] = shape as [number, number, number, number];
    const outHeight = Math.floor((height - size) / stride) + 1;
    const outWidth = Math.floor((width - size) / stride) + 1;
    const y = output([channels, outHeight, outWidth, batch]);
    const places = output(y.shape, 'bool'); // a byte each
    kernels.maxPool(
      ...[address(y), address(places), address(x!)],
      ...[channels, height, width, outHeight, outWidth, size, stride, batch],
    );
    return { y, forGradients: [places] };
  },

  gradients: ({ kernels, address, output }, dy, [places], { size, stride, shape }) => ({
    x: () => {
      const [channels, height, width, batch] = shape as [number, number, number, number];
      const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
      const dx = output(shape);
      kernels.maxPoolGradient(
        ...[address(dx), address(dy), address(places!)],
        ...[channels, height, width, outHeight, outWidth, size, stride, batch],
      );
      return dx;
    },
  }),
});
