import { MOST_ROWS } from './bucketed-columns.ts';

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
  /** Pixels of whole tiles of 4 × 4, where Winograd's way can be gone; default: it cannot. */
  readonly tiledPixels?: number | undefined;
}

/** Estimated time of one kernel, in nanoseconds. */
export interface Estimate {
  readonly kernel: KernelName;
  readonly ns: number;
}

/**
 * Estimates what each kernel would take for a product, the fastest first.
 *
 * Entries of a format are counted from averages: a group of nonzeros with one value fills up half a chunk, a gap that is too long
 * takes another entry as often as chance makes it.
 *
 * @example
 * estimateProduct({ rows: 4096, columns: 4096, nonzeros: 1.5e6, kinds: 15 })[0].kernel // 'bucketed-rows'
 * @example
 * estimateProduct({ rows: 100, columns: 100, nonzeros: 9000 })[0].kernel // 'dense'
 */
export function estimateProduct(task: ProductTask, table: CostTable = MEASURED): readonly Estimate[] {
  const { rows, columns, nonzeros, kinds = Number.POSITIVE_INFINITY, batch = 1, inputDensity = 1 } = task;
  const all = rows * columns;
  if (batch > 1) {
    return ordered([
      estimate(table, 'dense-batch', all, 4 * all, batch, rows * batch),
      estimate(table, 'sparse-batch', nonzeros, 8 * nonzeros, batch, rows * batch),
    ]);
  }
  const density = all === 0 ? 0 : nonzeros / all;
  const estimates = [
    estimate(table, 'dense', all, 4 * all, 1, rows),
    estimate(table, 'csr', nonzeros, 6 * nonzeros, 1, rows),
  ];
  if (kinds <= 255) {
    const group = (lines: number, chunk: number): number =>
      nonzeros + ((chunk - 1) / 2) * lines * Math.min(kinds, lines === 0 ? 0 : nonzeros / lines);
    const chance = 1 - (1 - density) ** (kinds > 15 || density < 1 / 15 ? 256 : 16);
    const gaps = (lines: number): number => (nonzeros === 0 ? 0 : nonzeros / chance) + 1.5 * lines;
    const bytes = kinds > 15 ? 2 : density < 1 / 15 ? 1.5 : 1;
    const skipped = (name: KernelName, entries: number, size: number): Estimate =>
      estimate(table, name, entries * inputDensity, entries * size * inputDensity, 1, columns * inputDensity);
    estimates.push(estimate(table, 'bucketed-rows', group(rows, 8), 2.125 * group(rows, 8), 1, rows));
    estimates.push(estimate(table, 'relative-rows', gaps(rows), bytes * gaps(rows), 1, rows));
    estimates.push(skipped('relative-columns', gaps(columns), bytes));
    if (rows <= MOST_ROWS) estimates.push(skipped('bucketed-columns', group(columns, 4), 2.25));
  }
  return ordered(estimates);
}

/**
 * Estimates what the kernels would take for a convolution, the faster first.
 *
 * @example
 * estimateConvolution({ filters: 64, depth: 144, nonzeros: 900, pixels: 3025 })[0].kernel // 'sparse-conv2d'
 */
export function estimateConvolution(task: ConvolutionTask, table: CostTable = MEASURED): readonly Estimate[] {
  const { filters, depth, nonzeros, pixels, tiledPixels } = task;
  const all = filters * depth;
  const estimates = [
    estimate(table, 'dense-conv2d', all, 4 * all, pixels, filters * pixels),
    estimate(table, 'sparse-conv2d', nonzeros, 8 * nonzeros, pixels, filters * pixels),
  ];
  if (tiledPixels !== undefined) {
    estimates.push(estimate(table, 'winograd-conv2d', all, 16 * all, tiledPixels, filters * tiledPixels));
  }
  return ordered(estimates);
}

/** Bytes up to which weights are taken to stay in a second-level, and in a third-level cache that other layers use, too. */
const CACHES = [256 * 1024, 16 * 1024 * 1024] as const;

function estimate(
  table: CostTable,
  kernel: KernelName,
  entries: number,
  bytes: number,
  times: number,
  lines: number,
): Estimate {
  const { perEntry, perLine } = table[kernel];
  const cost = perEntry[bytes <= CACHES[0] ? 0 : bytes <= CACHES[1] ? 1 : 2];
  return { kernel, ns: cost * entries * times + perLine * lines };
}

/** Of equals, the one that was named first: dense before sparse, as it takes no less and needs no luck. */
const ordered = (estimates: Estimate[]): readonly Estimate[] => estimates.sort((a, b) => a.ns - b.ns);

/** One core of an AMD EPYC of the third generation at 3.2 GHz, Node 20: printed by `pare tune`. */
export const MEASURED: CostTable = {
  dense: { perEntry: [0.1, 0.12, 0.22], perLine: 2 },
  csr: { perEntry: [0.36, 0.37, 0.58], perLine: 3 },
  'bucketed-rows': { perEntry: [0.26, 0.26, 0.26], perLine: 3 },
  'bucketed-columns': { perEntry: [0.4, 0.4, 0.4], perLine: 3 },
  'relative-rows': { perEntry: [0.46, 0.46, 0.46], perLine: 3 },
  'relative-columns': { perEntry: [0.56, 0.56, 0.56], perLine: 3 },
  'dense-batch': { perEntry: [0.1, 0.1, 0.1], perLine: 1 },
  'sparse-batch': { perEntry: [0.075, 0.075, 0.09], perLine: 1 },
  'dense-conv2d': { perEntry: [0.042, 0.042, 0.045], perLine: 0.35 },
  'winograd-conv2d': { perEntry: [0.017, 0.017, 0.02], perLine: 1.5 },
  'winograd-conv2d': { perEntry: [0.03, 0.03, 0.03], perLine: 0.3 },
  'sparse-conv2d': { perEntry: [0.06, 0.06, 0.06], perLine: 0.3 },
};
