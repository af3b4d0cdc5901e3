import { clip } from '../clip.ts';
import { expectLength } from '../expect.ts';
import { type Bounds, type Conv2dShape, depthOf, outputSize } from './shapes.ts';

// What the kernels in assembly/dense-*.ts compute, written down plainly: one loop an index, sums in double precision.

/**
 * y[k, i, j] = bias[k] + Σ_c,r,s  w[k, c, r, s] · x[g·C + c, i·stride + r·dilation − top, j·stride + s·dilation − left]
 *
 * @param x - `[channels, height, width]`
 * @param w - `[filters, channels / groups, R, S]`
 * @returns `[filters, rows, columns]`
 * @throws RangeError if the shape is none, or an array has not the size that it asks for
 * @example
 * const shape = { channels: 1, height: 2, width: 2, filters: 1, kernelSize: [2, 2] } as const;
 * plainConv2d(shape, Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 0, 0, 1)) // Float32Array [5]
 */
export function plainConv2d(
  shape: Conv2dShape,
  x: Float32Array,
  w: Float32Array,
  bias?: Float32Array,
  bounds: Bounds = {},
): Float32Array {
  const { channels, height, width, filters, kernelSize, stride = [1, 1], padding = [0, 0, 0, 0] } = shape;
  const { dilation = [1, 1], groups = 1 } = shape;
  expectLength('plainConv2d', 'x', x, channels * height * width);
  expectLength('plainConv2d', 'w', w, filters * depthOf('plainConv2d', shape));
  expectLength('plainConv2d', 'bias', bias, filters);
  const [rows, columns] = outputSize(shape);
  const [perGroup, filtersPerGroup] = [channels / groups, filters / groups];
  const y = new Float32Array(filters * rows * columns);
  for (let k = 0; k < filters; k++) {
    const firstChannel = Math.floor(k / filtersPerGroup) * perGroup;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = bias?.[k] ?? 0;
        for (let c = 0; c < perGroup; c++) {
          for (let r = 0; r < kernelSize[0]; r++) {
            const row = i * stride[0] + r * dilation[0] - padding[0];
            if (row < 0 || row >= height) continue;
            for (let s = 0; s < kernelSize[1]; s++) {
              const column = j * stride[1] + s * dilation[1] - padding[2];
              if (column < 0 || column >= width) continue;
              const weight = w[((k * perGroup + c) * kernelSize[0] + r) * kernelSize[1] + s]!;
              sum += weight * x[((firstChannel + c) * height + row) * width + column]!;
            }
          }
        }
        y[(k * rows + i) * columns + j] = clip(sum, bounds);
      }
    }
  }
  return y;
}

/**
 * y[m] = bias[m] + Σ_n  w[m, n] · x[n]
 *
 * @example
 * plainVector(Float32Array.of(1, 2), Float32Array.of(3, 4, -5, 0), Float32Array.of(1, 1), { least: 0 }) // Float32Array [12, 0]
 */
export function plainVector(x: Float32Array, w: Float32Array, bias: Float32Array, bounds: Bounds = {}): Float32Array {
  expectLength('plainVector', 'w', w, bias.length * x.length);
  return bias.map((start, m) => {
    let sum = start;
    for (let n = 0; n < x.length; n++) sum += w[m * x.length + n]! * x[n]!;
    return clip(sum, bounds);
  });
}

/** A pool of planes, in numbers. */
export interface PoolShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Rows and columns of the window. */
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  /** What is added above and to the left; it never counts. */
  readonly top?: number;
  readonly left?: number;
  /** Of the output: what is added below and to the right, and rounding, has been settled. */
  readonly rows: number;
  readonly columns: number;
}

/**
 * The largest, or the average, of the cells of the input that a window covers.
 *
 * @example
 * const shape = { channels: 1, height: 1, width: 3, size: [1, 2], stride: [1, 2], rows: 1, columns: 2 } as const;
 * plainPool(shape, Float32Array.of(1, 3, 5), 'average') // Float32Array [2, 5]
 */
export function plainPool(shape: PoolShape, x: Float32Array, mode: 'max' | 'average'): Float32Array {
  const { channels, height, width, size, stride, top = 0, left = 0, rows, columns } = shape;
  expectLength('plainPool', 'x', x, channels * height * width);
  const y = new Float32Array(channels * rows * columns);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let [largest, sum, count] = [-Infinity, 0, 0];
        for (let r = Math.max(0, i * stride[0] - top); r < Math.min(height, i * stride[0] - top + size[0]); r++) {
          for (let s = Math.max(0, j * stride[1] - left); s < Math.min(width, j * stride[1] - left + size[1]); s++) {
            const value = x[(c * height + r) * width + s]!;
            largest = Math.max(largest, value);
            sum += value;
            count++;
          }
        }
        y[(c * rows + i) * columns + j] = mode === 'max' ? largest : sum / Math.max(1, count);
      }
    }
  }
  return y;
}

/**
 * y[c, p] = x[c, p] / (k + alpha/size · Σ x[c', p]²)^beta over the `size` channels c' around c.
 *
 * @param plane - numbers of a channel
 * @example
 * plainLrn(Float32Array.of(1, 2), 1, { size: 3, alpha: 3, beta: 1, k: 0 }) // Float32Array [0.20000000298023224, 0.4000000059604645]
 */
export function plainLrn(
  x: Float32Array,
  plane: number,
  {
    size,
    alpha,
    beta,
    k,
  }: { readonly size: number; readonly alpha: number; readonly beta: number; readonly k: number },
): Float32Array {
  const channels = x.length / plane;
  return x.map((value, i) => {
    const [c, p] = [Math.floor(i / plane), i % plane];
    let sum = 0;
    for (let d = Math.max(0, c - (size >> 1)); d <= Math.min(channels - 1, c + (size >> 1)); d++) {
      sum += x[d * plane + p]! ** 2;
    }
    return value / (k + (alpha / size) * sum) ** beta;
  });
}
