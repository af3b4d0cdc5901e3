import { MOST_ROWS } from './bucketed-columns.ts';
import { MOST_CODES } from './csr.ts';
import type { WinogradTiles } from './dense/winograd.ts';

/** The kernels there are for a product with a vector or a batch, and for a convolution. */
export type KernelName =
  | 'dense'
  | 'csr'
  | 'bucketed-rows'
  | 'bucketed-columns'
  | 'relative-rows'
  | 'relative-columns'
  | 'dense-batch'
  | 'sparse-batch'
  | 'dense-conv2d'
  | 'winograd-conv2d'
  | 'sparse-conv2d';

/** What a kernel takes, in nanoseconds: each number is measured, none is reasoned. */
export interface KernelCost {
  /**
   * For each entry that it reads and each of the numbers that this is multiplied with: nonzeros and what fills them up, or all weights.
   * By where the weights are when they fit: in a second-level cache, in a third-level cache, in memory.
   */
  readonly perEntry: readonly [near: number, far: number, memory: number];
  /** For each row, or each column that is not skipped; in a convolution for each row and pixel. */
  readonly perLine: number;
}

/** Costs on one machine. */
export type CostTable = Readonly<Record<KernelName, KernelCost>>;

/** A matrix and what it is multiplied with, in numbers. */
export interface ProductTask {
  readonly rows: number;
  readonly columns: number;
  readonly nonzeros: number;
  /** How many different values the nonzeros have; Infinity if that is not known to be few. Default Infinity. */
  readonly kinds?: number;
  /** Vectors at once. Default 1. */
  readonly batch?: number;
  /** The share of inputs that are not zero. Default 1. */
  readonly inputDensity?: number;
}

/** A convolution, in numbers. */
export interface ConvolutionTask {
  readonly filters: number;
  /** Weights of a filter. */
  readonly depth: number;
  readonly nonzeros: number;
  /** Of the output. */
  readonly pixels: number;
  /** How it is cut for Winograd's way; default: it cannot be. */
  readonly tiles?: WinogradTiles | undefined;
}

/** Estimated time of one kernel, in nanoseconds. */
export interface Estimate {
  readonly kernel: KernelName;
  readonly ns: number;
}

/**
 * Estimates what each kernel would take for a product, the fastest first.
 *
 * @example
 * estimateProduct({ rows: 4096, columns: 4096, nonzeros: 1.5e6, kinds: 15 })[0].kernel // 'bucketed-rows'
 * @example
 * estimateProduct({ rows: 100, columns: 100, nonzeros: 9000 })[0].kernel // 'dense'
 */
export function estimateProduct(task: ProductTask, table: CostTable = MEASURED): readonly Estimate[] {
  const { rows, kinds = Number.POSITIVE_INFINITY, batch = 1 } = task;
  const kernels: KernelName[] = batch > 1 ? ['dense-batch', 'sparse-batch'] : ['dense', 'csr'];
  if (batch === 1 && kinds <= MOST_CODES) {
    kernels.push('bucketed-rows', 'relative-rows', 'relative-columns');
    if (rows <= MOST_ROWS) kernels.push('bucketed-columns');
  }
  return ordered(kernels.map((kernel) => estimate(table, kernel, productWork(kernel, task))));
}

/** What a kernel has to do. */
export interface Work {
  /** What it reads: nonzeros and what fills them up, or all weights. */
  readonly entries: number;
  readonly bytes: number;
  /** What each of them is multiplied with. */
  readonly times: number;
  readonly lines: number;
}

/**
 * Counts what a kernel has to do for a product.
 *
 * Entries of a format are counted from averages: a group of nonzeros with one value fills up half a chunk, a gap that is too long
 * takes another entry as often as chance makes it.
 */
export function productWork(kernel: KernelName, task: ProductTask): Work {
  const { rows, columns, nonzeros, kinds = Number.POSITIVE_INFINITY, batch = 1, inputDensity = 1 } = task;
  const all = rows * columns;
  const lines = kernel.endsWith('columns') ? columns : rows;
  const share = kernel.endsWith('columns') ? inputDensity : 1; // of columns that are read
  const work = (entries: number, bytesEach: number): Work => ({
    entries: entries * share,
    bytes: entries * bytesEach * share,
    times: batch,
    lines: lines * batch * share,
  });
  const grouped = (chunk: number): number =>
    nonzeros + ((chunk - 1) / 2) * lines * Math.min(kinds, lines === 0 ? 0 : nonzeros / lines);
  switch (kernel) {
    case 'bucketed-rows':
      return work(grouped(8), 2 + 1 / 8);
    case 'bucketed-columns':
      return work(grouped(4), 2 + 1 / 4);
    case 'relative-rows':
    case 'relative-columns': {
      const density = all === 0 ? 0 : nonzeros / all;
      const isShort = kinds <= 15 && density >= 1 / 15; // of gap: as toRelative chooses
      const found = 1 - (1 - density) ** (isShort ? 16 : 256); // the chance that a nonzero is within reach
      return work((nonzeros === 0 ? 0 : nonzeros / found) + 1.5 * lines, isShort ? 1 : kinds > 15 ? 2 : 1.5);
    }
    case 'csr':
      return work(nonzeros, 6);
    case 'sparse-batch':
      return { ...work(nonzeros, 8), times: blocked(batch) };
    default:
      return work(all, 4);
  }
}

/**
 * Estimates what the kernels would take for a convolution, the faster first.
 *
 * @example
 * estimateConvolution({ filters: 64, depth: 144, nonzeros: 900, pixels: 3025 })[0].kernel // 'sparse-conv2d'
 */
export function estimateConvolution(task: ConvolutionTask, table: CostTable = MEASURED): readonly Estimate[] {
  const { filters, depth, nonzeros, pixels, tiles } = task;
  const all = filters * depth;
  const work = (entries: number, bytesEach: number, times: number): Work => ({
    ...{ entries, bytes: bytesEach * entries, times, lines: filters * times },
  });
  const estimates = [
    estimate(table, 'dense-conv2d', work(all, 4, pixels)),
    estimate(table, 'sparse-conv2d', work(nonzeros, 8, blocked(pixels))),
  ];
  if (tiles) {
    const { m, tileRows, tileColumns, multiplications: entries } = tiles;
    const times = tileRows * tileColumns;
    const lines = filters * m * m * times;
    estimates.push(estimate(table, 'winograd-conv2d', { entries, bytes: 4 * entries, times, lines }));
  }
  return ordered(estimates);
}

/** Pixels or samples, as many as it takes: blocks that are not whole take about as long as four more. */
const blocked = (count: number): number => 4 * Math.ceil(count / 4) + (count % 24 === 0 ? 0 : 4);

function estimate(table: CostTable, kernel: KernelName, { entries, bytes, times, lines }: Work): Estimate {
  const { perEntry, perLine } = table[kernel];
  const [near, far, memory] = perEntry;
  const missing = Math.min(1, Math.max(0, (bytes - FAR_BYTES) / (MEMORY_BYTES - FAR_BYTES)));
  const cost = bytes <= NEAR_BYTES ? near : far + missing * (memory - far);
  return { kernel, ns: cost * entries * times + perLine * lines };
}

/** What stays in a second-level cache beside inputs and outputs. */
const NEAR_BYTES = 256 * 1024;
/** A core's share of a third-level cache of 32 MB, and the whole of it: in between, more and more comes from memory each time. */
const FAR_BYTES = 4 * 1024 * 1024;
const MEMORY_BYTES = 32 * 1024 * 1024;

/** Of equals, the one that was named first: dense before sparse, as it takes no less and needs no luck. */
const ordered = (estimates: Estimate[]): readonly Estimate[] => estimates.sort((a, b) => a.ns - b.ns);

/**
 * One core of an AMD EPYC of the third generation at 3.2 GHz, Node 20: the least that some runs of `tune` printed on
 * a machine that others used, too.
 */
export const MEASURED: CostTable = {
  dense: { perEntry: [0.062, 0.083, 0.179], perLine: 1.4 },
  csr: { perEntry: [0.245, 0.236, 0.5], perLine: 2.2 },
  'bucketed-rows': { perEntry: [0.22, 0.227, 0.227], perLine: 1.4 },
  'bucketed-columns': { perEntry: [0.394, 0.39, 0.39], perLine: 3.1 },
  'relative-rows': { perEntry: [0.382, 0.454, 0.454], perLine: 1.4 },
  'relative-columns': { perEntry: [0.526, 0.498, 0.498], perLine: 2 },
  'dense-batch': { perEntry: [0.048, 0.063, 0.063], perLine: 1.3 },
  'sparse-batch': { perEntry: [0.046, 0.065, 0.065], perLine: 1.4 },
  'dense-conv2d': { perEntry: [0.039, 0.039, 0.039], perLine: 0.15 },
  'winograd-conv2d': { perEntry: [0.075, 0.075, 0.085], perLine: 1.3 },
  'sparse-conv2d': { perEntry: [0.06, 0.06, 0.06], perLine: 0.13 },
};
