import { pad, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Workspace } from './_memory.ts';
import { defineOperation } from './_operation.ts';
import { LARGEST_WINDOW } from './max-pool-chwn.ts';
import type { SparsePattern } from './sparse-pattern.ts';

/** How a {@link sparseConv2d} moves. Lengths in pixels, the same in both directions. */
export interface SparseConv2dOptions {
  /** [K], added to every pixel of an output channel. Default none. */
  readonly bias?: Tensor;
  /** Default 1, the fast case. */
  readonly stride?: number;
  /** Zeros around the image, put there by `tf.pad`. Default 0. */
  readonly padding?: number;
  /**
   * Side of the windows of a max-pool, side by side, that follows at once: the result is that of `maxPoolChwn(y, pool)`,
   * but the convolution's own output and its gradient go no further than the cache. 1…16; default none.
   */
  readonly pool?: number;
}

/**
 * Convolves with the kept weights only, forwards and backwards.
 *
 * y[k, p, q, n] = bias[k] + Σ_{(k, c, r, s) kept} w[k, c, r, s] · x[c, p·stride + r − padding, q·stride + s − padding, n]
 *
 * The work of the forward pass and of either gradient is count · P · Q · N multiplications. The gradient of w has w's
 * shape and is 0 at pruned positions; what w holds there is never read.
 *
 * @param x - [C, H, W, N], batch innermost; with N a multiple of 4 no value is left to slower code
 * @param w - the whole weights [K, C, R, S], or packed [count]: the kept ones in the order of `pattern.positions`, so
 *   that an optimiser has no zeros to walk over
 * @returns [K, P, Q, N] with P = ⌊(H + 2·padding − R) / stride⌋ + 1; after a pool ⌊P / pool⌋ and ⌊Q / pool⌋
 * @throws RangeError if shapes do not fit; MissingPartError if {@link sparseTrainingAvailable} says no
 */
export function sparseConv2d(x: Tensor, w: Tensor, pattern: SparsePattern, options: SparseConv2dOptions = {}): Tensor {
  const { bias, stride = 1, padding = 0, pool = 1 } = options;
  if (!(Number.isInteger(stride) && stride > 0)) {
    throw new RangeError(`sparseConv2d: "stride" expected a whole number ≥ 1, got ${stride}`);
  }
  if (x.rank !== 4) throw new RangeError(`sparseConv2d: "x" expected [C, H, W, N], got [${x.shape}]`);
  checkWeights('sparseConv2d', x, w, pattern, bias);
  const margin: [number, number] = [padding, padding];
  const image = padding === 0 ? x : pad(x, [[0, 0], margin, margin, [0, 0]]);
  if (image.shape[1]! < pattern.rows || image.shape[2]! < pattern.columns) {
    throw new RangeError(
      `sparseConv2d: "x" expected at least the filter's ${pattern.rows} × ${pattern.columns} pixels`,
    );
  }
  const { outHeight, outWidth } = sizesOf(image.shape, pattern, stride);
  const limit = Math.min(LARGEST_WINDOW, outHeight, outWidth);
  if (!(Number.isInteger(pool) && pool >= 1 && pool <= limit)) {
    throw new RangeError(`sparseConv2d: "pool" expected 1…${limit}, got ${pool}`);
  }
  return convolve(bias === undefined ? { x: image, w } : { x: image, w, bias }, { pattern, stride, pool });
}

/**
 * Multiplies with the kept weights of a matrix only: y[k, n] = bias[k] + Σ_{(k, c) kept} w[k, c] · x[c, n].
 *
 * A convolution of images of one pixel.
 *
 * @param x - [C, N]
 * @param w - [K, C], or packed [count]
 * @returns [K, N]
 */
export function sparseDense(x: Tensor, w: Tensor, pattern: SparsePattern, bias?: Tensor): Tensor {
  if (x.rank !== 2) throw new RangeError(`sparseDense: "x" expected [C, N], got [${x.shape}]`);
  if (pattern.rows * pattern.columns !== 1)
    throw new RangeError('sparseDense: "pattern" expected one of a shape [K, C]');
  checkWeights('sparseDense', x, w, pattern, bias);
  return convolve(bias === undefined ? { x, w } : { x, w, bias }, { pattern, stride: 1, pool: 1 });
}

function checkWeights(caller: string, x: Tensor, w: Tensor, pattern: SparsePattern, bias: Tensor | undefined): void {
  if (x.shape[0] !== pattern.inChannels) {
    throw new RangeError(`${caller}: "x" expected ${pattern.inChannels} channels, got ${x.shape[0]}`);
  }
  const whole = w.shape.join() === pattern.shape.join();
  if (!whole && !(w.rank === 1 && w.size === pattern.count)) {
    throw new RangeError(`${caller}: "w" expected [${pattern.shape}] or packed [${pattern.count}], got [${w.shape}]`);
  }
  if (bias !== undefined && !(bias.rank === 1 && bias.size === pattern.outChannels)) {
    throw new RangeError(`${caller}: "bias" expected [${pattern.outChannels}], got [${bias.shape}]`);
  }
}

interface ConvolutionAttributes {
  readonly pattern: SparsePattern;
  readonly stride: number;
  /** 1 = no pool. */
  readonly pool: number;
}

const convolve = /* @__PURE__ */ defineOperation<ConvolutionAttributes>({
  name: 'PareSparseConv2d',
  inputsToSave: ['x', 'w'],

  forward(space, { x, w, bias }, { pattern, stride, pool }) {
    const { kernels, address } = space;
    const { width, outHeight, outWidth, batch, outShape } = sizesOf(x!.shape, pattern, stride);
    const { outChannels } = pattern;
    const rowStart = address(pattern.tables().rowStart);
    const biasAddress = bias === undefined ? 0 : address(bias);
    if (pool === 1) {
      const y = space.output(outShape);
      withRowEntries(space, x!, w!, pattern, 0, (entries) => {
        kernels.forward(
          ...[address(y), address(x!), biasAddress, rowStart, entries],
          ...[outChannels, outHeight, outWidth, width, stride, batch],
        );
      });
      return { y };
    }
    const [pooledHeight, pooledWidth] = [Math.floor(outHeight / pool), Math.floor(outWidth / pool)];
    const y = space.output([outChannels, pooledHeight, pooledWidth, batch]);
    const places = space.output(y.shape, 'bool'); // a byte each
    withRowEntries(space, x!, w!, pattern, pool * outWidth * batch * FLOAT32, (entries, spread) => {
      kernels.forwardPooled(
        ...[address(y), address(places), address(x!), biasAddress, rowStart, entries, spread],
        ...[outChannels, pooledHeight, pooledWidth, pool, width, stride, batch],
      );
    });
    return { y, forGradients: [places] };
  },

  gradients: (space, dy, [x, w, places], attributes) => ({
    x: () => inputGradient(space, dy, x!, w!, places, attributes),
    w: () => weightGradient(space, dy, x!, w!, places, attributes),
    bias: () => biasGradient(space, dy), // a pool hands every dy on once: the sums stay the same
  }),
});

/** dx[c, i, j, n] = Σ_{(k, c, r, s) kept, (i − r, j − s) = (p, q)·stride} w[k, c, r, s] · dy[k, p, q, n]. */
function inputGradient(
  space: Workspace,
  dy: TensorInfo,
  x: TensorInfo,
  w: TensorInfo,
  places: TensorInfo | undefined,
  { pattern, stride, pool }: ConvolutionAttributes,
): TensorInfo {
  const { kernels, address } = space;
  const { height, width, outHeight, outWidth, batch, outShape } = sizesOf(x.shape, pattern, stride);
  const { count, outChannels, inChannels, rows, columns } = pattern;
  if (places !== undefined) {
    return space.withScratch(lengthOf(outShape) * FLOAT32, (spread) => {
      const [pooledHeight, pooledWidth] = [dy.shape[1]!, dy.shape[2]!];
      kernels.maxPoolGradient(
        ...[spread, address(dy), address(places), outChannels, outHeight, outWidth],
        ...[pooledHeight, pooledWidth, pool, pool, batch],
      );
      return behindPool(spread);
    });
  }
  return behindPool(address(dy));

  function behindPool(dyAddress: number): TensorInfo {
    const dx = space.output(x.shape);
    const tables = pattern.tables();
    if (stride > 1) {
      withRowEntries(space, x, w, pattern, 0, (entries) => {
        kernels.inputGradientStrided(
          ...[address(dx), lengthOf(x.shape), dyAddress, address(tables.rowStart), entries],
          ...[outChannels, outHeight, outWidth, width, stride, batch],
        );
      });
      return dx;
    }
    const weightAt = address(isPacked(w, pattern) ? tables.columnNumbers : tables.columnPositions);
    const size = count * Math.min(columns, outWidth) * ENTRY;
    const listCount = Math.min(width, 2 * columns - 1); // see `columnEntries`; 2·(S − 1) ends and a middle
    space.withScratch(size + listCount * inChannels * (rows + 1) * ADDRESS, (entries) => {
      const listStart = entries + size;
      kernels.columnEntries(
        ...[entries, listStart, address(tables.columnStart), address(tables.columnOutChannels), weightAt, address(w)],
        ...[inChannels, rows, columns, outHeight, outWidth, batch],
      );
      kernels.inputGradient(
        ...[address(dx), dyAddress, listStart],
        ...[inChannels, height, width, rows, columns, outHeight, outWidth, batch],
      );
    });
    return dx;
  }
}

/** dw[k, c, r, s] = Σ_{p, q, n} dy[k, p, q, n] · x[c, p·stride + r, q·stride + s, n] where kept, else 0. */
function weightGradient(
  space: Workspace,
  dy: TensorInfo,
  x: TensorInfo,
  w: TensorInfo,
  places: TensorInfo | undefined,
  { pattern, stride, pool }: ConvolutionAttributes,
): TensorInfo {
  const { kernels, address } = space;
  const { width, outHeight, outWidth, batch } = sizesOf(x.shape, pattern, stride);
  const tables = pattern.tables();
  const dw = space.output(w.shape);
  const [dwAddress, dyAddress, xAddress, rowStart] = [address(dw), address(dy), address(x), address(tables.rowStart)];
  const weightAt = address(isPacked(w, pattern) ? tables.numbers : tables.positions);
  const sumsSize = pattern.count * FLOAT64;
  const spreadSize = places === undefined ? 0 : pool * outWidth * batch * FLOAT32;
  withRowEntries(space, x, w, pattern, sumsSize + spreadSize, (entries, sums) => {
    if (places === undefined) {
      kernels.weightGradient(
        ...[dwAddress, lengthOf(w.shape), dyAddress, xAddress, rowStart, entries, weightAt, sums],
        ...[pattern.outChannels, outHeight, outWidth, width, stride, batch],
      );
    } else {
      kernels.pooledWeightGradient(
        ...[dwAddress, lengthOf(w.shape), dyAddress, address(places), xAddress, rowStart, entries, weightAt, sums],
        ...[sums + sumsSize, pattern.outChannels, dy.shape[1]!, dy.shape[2]!, pool, width, stride, batch],
      );
    }
  });
  return dw;
}

/** dbias[k] = Σ_{p, q, n} dy[k, p, q, n] */
export function biasGradient(space: Workspace, dy: TensorInfo): TensorInfo {
  const outChannels = dy.shape[0]!;
  const sums = space.output([outChannels]);
  space.kernels.rowSums(space.address(sums), space.address(dy), outChannels, lengthOf(dy.shape.slice(1)));
  return sums;
}

// Bytes. An entry is {offset: i32, weight: f32}.
const ENTRY = 8;
const ADDRESS = 4;
const FLOAT32 = 4;
const FLOAT64 = 8;

/** Lists the kept weights with where in x they read, and hands the list to `use`, with further scratch behind it. */
function withRowEntries(
  space: Workspace,
  x: TensorInfo,
  w: TensorInfo,
  pattern: SparsePattern,
  scratchSize: number,
  use: (entries: number, scratch: number) => void,
): void {
  const { kernels, address } = space;
  const { places, numbers, positions } = pattern.tables();
  const { height, width, batch } = sizesOf(x.shape, pattern, 1);
  const weightAt = address(isPacked(w, pattern) ? numbers : positions);
  const { count } = pattern;
  space.withScratch(count * ENTRY + scratchSize, (entries) => {
    kernels.rowEntries(entries, address(places), weightAt, address(w), count, height, width, batch);
    use(entries, entries + count * ENTRY);
  });
}

const isPacked = (w: TensorInfo, pattern: SparsePattern): boolean =>
  w.shape.length === 1 && w.shape[0] === pattern.count;

const lengthOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

function sizesOf(shape: readonly number[], { outChannels, rows, columns }: SparsePattern, stride: number) {
  const batch = shape.at(-1)!;
  if (shape.length === 2) {
    return { height: 1, width: 1, batch, outHeight: 1, outWidth: 1, outShape: [outChannels, batch] };
  }
  const [height, width] = [shape[1]!, shape[2]!];
  const outHeight = Math.floor((height - rows) / stride) + 1;
  const outWidth = Math.floor((width - columns) / stride) + 1;
  return { height, width, batch, outHeight, outWidth, outShape: [outChannels, outHeight, outWidth, batch] };
}
