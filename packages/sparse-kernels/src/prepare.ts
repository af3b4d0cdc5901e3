import type { Dense, Masked, Shared } from '@pare/core';
import { toBucketedColumns } from './bucketed-columns.ts';
import { toBucketedRows } from './bucketed-rows.ts';
import { type CostTable, estimateConvolution, estimateProduct, type KernelName } from './crossover.ts';
import { type Csr, MOST_CODES, toCsr, withCodes } from './csr.ts';
import { denseConv2d } from './dense/conv2d.ts';
import { type Bounds, type Conv2dShape, outputSize, type Prepared } from './dense/shapes.ts';
import { denseVector } from './dense/vector.ts';
import { winogradConv2d, winogradTiles } from './dense/winograd.ts';
import { denseBatch } from './dense-batch.ts';
import type { Kernels } from './kernels.ts';
import { toRelative } from './relative.ts';
import { sparseBatch } from './sparse-batch.ts';
import { sparseConv2d } from './sparse-conv2d.ts';
import { sparseVector } from './sparse-vector.ts';

/** A weight in one of its forms. */
export type WeightForm = Dense | Masked | Shared;

export interface PrepareOptions extends Bounds {
  /** [rows] or [filters]. Default: none. */
  readonly bias?: Float32Array | undefined;
  /** The kernel to use, whatever the costs. Default: the one with the least. */
  readonly kernel?: KernelName | undefined;
  /** What kernels cost. Default: as measured on our machine; see `tune` for yours. */
  readonly costs?: CostTable | undefined;
}

export interface PrepareProductOptions extends PrepareOptions {
  /** Vectors at once: then x is `[batch, columns]` and y `[batch, rows]`. Default 1. */
  readonly batch?: number | undefined;
  /** The share of inputs that are not zero, as far as it is known. Default 1. */
  readonly inputDensity?: number | undefined;
}

/** A layer with the kernel that was chosen for it. */
export interface PreparedLayer extends Prepared {
  readonly kernel: KernelName;
}

/**
 * Puts a matrix into the memory of kernels in the format whose kernel is estimated to be the fastest, dense ones included.
 *
 * @param form - `[rows, columns]`
 * @throws RangeError if the form has another size, or the kernel asked for cannot multiply it
 * @example
 * const own = createKernels();
 * const form = { kind: 'dense', values: Float32Array.of(1, 2, 0, -3) };
 * const { kernel } = prepareProduct(own, form, 2, 2, { least: 0 });
 * kernel // 'dense'
 */
export function prepareProduct(
  kernels: Kernels,
  form: WeightForm,
  rows: number,
  columns: number,
  { bias, kernel, costs, batch = 1, inputDensity = 1, ...bounds }: PrepareProductOptions = {},
): PreparedLayer {
  const csr = toCsr(form, rows, columns);
  const chosen = kernel ?? fastest(csr, batch, inputDensity, costs);
  const codes = () => {
    const coded = withCodes(csr);
    if (coded) return coded;
    throw new RangeError(`prepareProduct: "kernel" "${chosen}" expected at most ${MOST_CODES} different values`);
  };
  const prepared = (): Prepared => {
    switch (chosen) {
      case 'dense':
        return denseVector(kernels, rows, denseOf(csr), bias, bounds);
      case 'csr':
        return sparseVector(kernels, csr, bias, bounds);
      case 'bucketed-rows':
        return sparseVector(kernels, toBucketedRows(codes()), bias, bounds);
      case 'bucketed-columns':
        return sparseVector(kernels, toBucketedColumns(codes()), bias, bounds);
      case 'relative-rows':
        return sparseVector(kernels, toRelative(codes()), bias, bounds);
      case 'relative-columns':
        return sparseVector(kernels, toRelative(codes(), { lines: 'columns' }), bias, bounds);
      case 'dense-batch':
        return denseBatch(kernels, rows, denseOf(csr), batch, bias, bounds);
      case 'sparse-batch':
        return sparseBatch(kernels, csr, batch, bias, bounds);
      default:
        throw new RangeError(`prepareProduct: "kernel" expected one for products, got "${chosen}"`);
    }
  };
  return { ...prepared(), kernel: chosen };
}

function fastest(csr: Csr, batch: number, inputDensity: number, costs?: CostTable): KernelName {
  const { rows, columns, values } = csr;
  const kinds = (withCodes(csr)?.codebook.length ?? Number.POSITIVE_INFINITY) - 1;
  return estimateProduct({ rows, columns, nonzeros: values.length, kinds, batch, inputDensity }, costs)[0]!.kernel;
}

/**
 * Puts the weights of a convolution into the memory of kernels, all of them or the nonzeros, whichever is estimated to be faster.
 *
 * @param form - `[filters, channels / groups, R, S]`
 * @throws RangeError if the form has another size, or the kernel asked for is not one of convolutions
 * @example
 * const own = createKernels();
 * const shape = { channels: 1, height: 9, width: 9, filters: 1, kernelSize: [3, 3] };
 * const form = { kind: 'dense', values: Float32Array.of(0, 0, 0, 0, 2, 0, 0, 0, 0) };
 * prepareConvolution(own, form, shape).kernel // 'sparse-conv2d'
 */
export function prepareConvolution(
  kernels: Kernels,
  form: WeightForm,
  shape: Conv2dShape,
  { bias, kernel, costs, ...bounds }: PrepareOptions = {},
): PreparedLayer {
  const { channels, filters, kernelSize, groups = 1 } = shape;
  const depth = (channels / groups) * kernelSize[0] * kernelSize[1];
  // A window that sees all there is makes a product: so networks are written that were made for images of any size.
  if (kernel === undefined && groups === 1 && seesAll(shape)) {
    return prepareProduct(kernels, form, filters, depth, { bias, costs, ...bounds });
  }
  const csr = toCsr(form, filters, depth);
  const [rows, columns] = outputSize(shape);
  const task = { filters, depth, nonzeros: csr.values.length, pixels: rows * columns, tiles: winogradTiles(shape) };
  const chosen = kernel ?? estimateConvolution(task, costs)[0]!.kernel;
  if (chosen === 'sparse-conv2d') return { ...sparseConv2d(kernels, shape, csr, bias, bounds), kernel: chosen };
  if (chosen === 'dense-conv2d') return { ...denseConv2d(kernels, shape, denseOf(csr), bias, bounds), kernel: chosen };
  if (chosen === 'winograd-conv2d') {
    return { ...winogradConv2d(kernels, shape, denseOf(csr), bias, bounds), kernel: chosen };
  }
  throw new RangeError(`prepareConvolution: "kernel" expected one for convolutions, got "${chosen}"`);
}

const seesAll = ({ height, width, kernelSize, padding = [0, 0, 0, 0] }: Conv2dShape): boolean =>
  height === kernelSize[0] && width === kernelSize[1] && padding.every((zeros) => zeros === 0);

function denseOf({ rows, columns, rowEnds, indices, values }: Csr): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let m = 0, k = 0; m < rows; m++) for (; k < rowEnds[m]!; k++) out[m * columns + indices[k]!] = values[k]!;
  return out;
}
