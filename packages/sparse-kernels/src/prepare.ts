import type { Dense, Masked, Shared } from '@pare/core';
import { toBucketedColumns } from './bucketed-columns.ts';
import { toBucketedRows } from './bucketed-rows.ts';
import { type CostTable, type Estimate, estimateConvolution, estimateProduct, type KernelName } from './crossover.ts';
import { type CodedCsr, type Csr, MOST_CODES, rowsOf, toCsr, withCodes } from './csr.ts';
import { denseConv2d } from './dense/conv2d.ts';
import { type Bounds, type Conv2dShape, depthOf, outputSize, type Prepared } from './dense/shapes.ts';
import { denseVector } from './dense/vector.ts';
import { winogradConv2d, winogradTiles } from './dense/winograd.ts';
import { denseBatch } from './dense-batch.ts';
import { expectCount, expectLength } from './expect.ts';
import { type Kernels, WINDOW_BYTES } from './kernels.ts';
import { toRelative } from './relative.ts';
import { sparseBatch } from './sparse-batch.ts';
import { bandOf, sparseConv2d } from './sparse-conv2d.ts';
import { sparseVector } from './sparse-vector.ts';
import { placeVector, prepareBucketedRows, prepareCsr } from './vector-by-rows.ts';

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
 * @throws RangeError if form or bias have another size, or the kernel asked for cannot multiply it, or not so many vectors at once
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
  options: PrepareProductOptions = {},
): PreparedLayer {
  return prepareAmong({ ...BY_ROWS, ...OTHERS }, kernels, form, rows, columns, options);
}

/**
 * The same for one vector at a time, none of whose inputs are skipped: less code, as there are fewer kernels to choose among.
 *
 * @param form - `[rows, columns]`
 * @throws RangeError if form or bias have another size, or the kernel asked for is not `'dense'`, `'csr'` or `'bucketed-rows'`
 * @example
 * const own = createKernels();
 * const { kernel } = prepareVector(own, { kind: 'dense', values: Float32Array.of(1, 2, 0, -3) }, 2, 2);
 * kernel // 'dense'
 */
export function prepareVector(
  kernels: Kernels,
  form: WeightForm,
  rows: number,
  columns: number,
  options: PrepareOptions = {},
): PreparedLayer {
  return prepareAmong(BY_ROWS, kernels, form, rows, columns, options);
}

/** How a matrix is put into memory for a kernel. */
type Place = (kernels: Kernels, csr: Csr, bias: Float32Array | undefined, bounds: Bounds, batch: number) => Prepared;
type Places = Partial<Record<KernelName, Place>>;

/** Products with a vector whose rows know nothing of each other. */
const BY_ROWS: Places = {
  dense: (kernels, csr, bias, bounds) => denseVector(kernels, csr.rows, denseOf(csr), bias, bounds),
  csr: (kernels, csr, bias, bounds) => placeVector(kernels, csr, prepareCsr, bias, bounds),
  'bucketed-rows': (kernels, csr, bias, bounds) =>
    placeVector(kernels, toBucketedRows(coded(csr, 'bucketed-rows')), prepareBucketedRows, bias, bounds),
};

const OTHERS: Places = {
  'bucketed-columns': (kernels, csr, bias, bounds) =>
    sparseVector(kernels, toBucketedColumns(coded(csr, 'bucketed-columns')), bias, bounds),
  'relative-rows': (kernels, csr, bias, bounds) =>
    sparseVector(kernels, toRelative(coded(csr, 'relative-rows')), bias, bounds),
  'relative-columns': (kernels, csr, bias, bounds) =>
    sparseVector(kernels, toRelative(coded(csr, 'relative-columns'), { lines: 'columns' }), bias, bounds),
  'dense-batch': (kernels, csr, bias, bounds, batch) =>
    denseBatch(kernels, csr.rows, denseOf(csr), batch, bias, bounds),
  'sparse-batch': (kernels, csr, bias, bounds, batch) => sparseBatch(kernels, csr, batch, bias, bounds),
};

function coded(csr: Csr, kernel: KernelName): CodedCsr {
  const found = withCodes(csr);
  if (found) return found;
  throw new RangeError(`prepareProduct: "kernel" "${kernel}" expected at most ${MOST_CODES} different values`);
}

function prepareAmong(
  places: Places,
  kernels: Kernels,
  form: WeightForm,
  rows: number,
  columns: number,
  { bias, kernel, costs, batch = 1, inputDensity = 1, ...bounds }: PrepareProductOptions,
): PreparedLayer {
  const name = places === BY_ROWS ? 'prepareVector' : 'prepareProduct';
  expectCount(name, 'rows', rows);
  expectCount(name, 'columns', columns);
  expectCount(name, 'batch', batch);
  expectLength(name, 'bias', bias, rows);
  const plain = toCsr(form, rows, columns);
  const csr = withCodes(plain) ?? plain; // of the whole, so that its parts have the same codes
  const kinds = csr.codebook ? csr.codebook.length - 1 : Number.POSITIVE_INFINITY;
  const task = { rows, columns, nonzeros: csr.values.length, kinds, batch, inputDensity };
  const estimates = estimateProduct(task, costs).filter((estimate) => places[estimate.kernel]);
  const { kernel: chosen, ns } = choose(estimates, kernel);
  const place = places[chosen];
  if (!place || (batch > 1 && !chosen.endsWith('batch'))) {
    const able = Object.keys(places).filter((able) => batch === 1 || able.endsWith('batch'));
    const many = batch > 1 ? ` for ${batch} vectors at once` : '';
    throw new RangeError(`${name}: "kernel" expected one of ${able.join(', ')}${many}, got "${chosen}"`);
  }
  const prepareRows = (own: Kernels, first: number, end: number): Prepared => {
    const layer = place(own, rowsOf(csr, first, end), bias?.subarray(first, end), bounds, batch);
    return { ...layer, run: (x, y, scratch) => layer.run(x, y + 4 * first, scratch) };
  };
  // Threads share the window, in which sparse kernels put x: if that is as a whole, all write the same there, whoever does when.
  const isCut = chosen === 'dense' || (BY_ROWS[chosen] !== undefined && columns < WINDOW_BYTES / 4);
  // 4: dense rows go by fours.
  const work = { count: rows, ns, step: 4, weightTo: weightOf(chosen, csr, 1) };
  return { ...(isCut ? kernels.inParts(work, prepareRows) : prepareRows(kernels, 0, rows)), kernel: chosen };
}

/** The kernel asked for, or the fastest. */
function choose(estimates: readonly Estimate[], asked: KernelName | undefined): Estimate {
  if (asked === undefined) return estimates[0]!;
  return estimates.find(({ kernel }) => kernel === asked) ?? { kernel: asked, ns: 0 };
}

/** What the rows before the end of an item weigh: their nonzeros, and as much again as one for each row; or all alike. */
function weightOf(kernel: KernelName, { rowEnds }: Csr, rowsOfItem: number): (end: number) => number {
  if (kernel.includes('dense') || kernel.includes('winograd')) return (end) => end;
  return (end) => (end === 0 ? 0 : rowEnds[end * rowsOfItem - 1]! + end * rowsOfItem);
}

/**
 * Puts the weights of a convolution into the memory of kernels, all of them or the nonzeros, whichever is estimated to be faster.
 *
 * @param form - `[filters, channels / groups, R, S]`
 * @throws RangeError if the shape is none, form or bias have another size, or the kernel asked for is not one of convolutions
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
  const { channels, height, width, filters, groups = 1 } = shape;
  const depth = depthOf('prepareConvolution', shape);
  expectLength('prepareConvolution', 'bias', bias, filters);
  // A window that sees all there is makes a product: so networks are written that were made for images of any size.
  if (kernel === undefined && groups === 1 && seesAll(shape)) {
    return prepareVector(kernels, form, filters, depth, { bias, costs, ...bounds });
  }
  const csr = toCsr(form, filters, depth);
  const [rows, columns] = outputSize(shape);
  const tiles = winogradTiles(shape);
  const task = { filters, depth, nonzeros: csr.values.length, pixels: rows * columns, tiles };
  const { kernel: chosen, ns } = choose(estimateConvolution(task, costs), kernel);
  // Dense kernels get their inputs ready for all filters at once: parts have other pixels, if these are many, rather than other filters.
  if (chosen === 'winograd-conv2d' && tiles && tiles.tileRows * tiles.tileColumns >= MANY_TILES) {
    return { ...winogradConv2d(kernels, shape, denseOf(csr), bias, bounds, ns), kernel: chosen };
  }
  if (chosen === 'dense-conv2d' && groups === 1 && rows * columns >= MANY_PIXELS) {
    return { ...denseConv2d(kernels, shape, denseOf(csr), bias, bounds, ns), kernel: chosen };
  }
  const band = bandOf(shape);
  // What knows nothing of the others: a group with its filters and channels; if there is but one group, a filter.
  const [count, channelsEach] = groups > 1 ? [groups, channels / groups] : [filters, 0];
  const filtersEach = filters / count;
  const prepareFilters = (own: Kernels, first: number, end: number): Prepared => {
    const [from, to] = [first * filtersEach, end * filtersEach];
    const ofGroups = groups > 1 ? { channels: (end - first) * channelsEach, groups: end - first } : {};
    const part = { ...shape, ...ofGroups, filters: to - from };
    const layer = placeConvolution(own, chosen, part, rowsOf(csr, from, to), bias?.subarray(from, to), bounds, band);
    const [xAt, yAt] = [4 * first * channelsEach * height * width, 4 * from * rows * columns];
    return { ...layer, run: (x, y, scratch) => layer.run(x + xAt, y + yAt, scratch) };
  };
  // 8: fewer filters take a dense kernel as long.
  const work = { count, ns, step: groups > 1 ? 1 : 8, weightTo: weightOf(chosen, csr, filtersEach) };
  return { ...kernels.inParts(work, prepareFilters), kernel: chosen };
}

/** With fewer, a larger share of what goes together in registers is not there. */
const MANY_TILES = 150;
const MANY_PIXELS = 150;

function placeConvolution(
  kernels: Kernels,
  kernel: KernelName,
  shape: Conv2dShape,
  csr: Csr,
  bias: Float32Array | undefined,
  bounds: Bounds,
  band: number,
): Prepared {
  switch (kernel) {
    case 'sparse-conv2d':
      return sparseConv2d(kernels, shape, csr, bias, bounds, band);
    case 'dense-conv2d':
      return denseConv2d(kernels, shape, denseOf(csr), bias, bounds);
    case 'winograd-conv2d':
      return winogradConv2d(kernels, shape, denseOf(csr), bias, bounds);
    default:
      throw new RangeError(`prepareConvolution: "kernel" expected one for convolutions, got "${kernel}"`);
  }
}

const seesAll = ({ height, width, kernelSize, padding = [0, 0, 0, 0] }: Conv2dShape): boolean =>
  height === kernelSize[0] && width === kernelSize[1] && padding.every((zeros) => zeros === 0);

function denseOf({ rows, columns, rowEnds, indices, values }: Csr): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let m = 0, k = 0; m < rows; m++) for (; k < rowEnds[m]!; k++) out[m * columns + indices[k]!] = values[k]!;
  return out;
}
