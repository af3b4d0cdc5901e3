import { type CostTable, type KernelCost, type KernelName, MEASURED, productWork, type Work } from './crossover.ts';
import { createKernels, type Kernels } from './kernels.ts';
import { type PreparedLayer, prepareConvolution, prepareProduct, type WeightForm } from './prepare.ts';

export interface TuneOptions {
  /** The time now, in milliseconds: `() => performance.now()`. */
  readonly now: () => number;
  /** Rounds of which the fastest counts. Default 15. */
  readonly rounds?: number;
  /** What is measured next; there are as many steps as kernels. */
  readonly onStep?: (kernel: KernelName) => void;
}

/**
 * Measures what kernels cost on this machine: some seconds of one core, and about 300 MB.
 *
 * @returns what `prepareProduct` and `prepareConvolution` take as `costs`
 */
export function tune({ now, rounds = 15, onStep }: TuneOptions): CostTable {
  const measured: Record<string, KernelCost> = {};
  for (const kernel of Object.keys(MEASURED) as KernelName[]) {
    onStep?.(kernel);
    measured[kernel] = measureKernel(kernel, { now, rounds });
  }
  return measured as CostTable;
}

type Clock = Required<Pick<TuneOptions, 'now' | 'rounds'>>;

/** Sizes [rows, columns, density] whose weights stay in a second-level cache, in a third-level cache, and in neither. */
const DENSE = [
  [64, 768, 1],
  [1024, 1024, 1],
  [4096, 5120, 1],
] as const; // 196 kB, 4 MB, 84 MB
const SPARSE = [
  [256, 1024, 0.1],
  [2048, 4096, 0.1],
] as const; // at 6 bytes a nonzero: 157 kB, 5 MB
const SPARSE_MEMORY = [4096, 16384, 0.1] as const; // at 6 bytes a nonzero: 40 MB
/** Lines of hardly anything. */
const ROWS = [8192, 64, 1 / 64] as const;
const COLUMNS = [64, 8192, 1 / 64] as const;

function measureKernel(kernel: KernelName, clock: Clock): KernelCost {
  if (kernel.endsWith('conv2d')) return measureConvolution(kernel, clock);
  const batch = kernel.endsWith('batch') ? 24 : 1;
  const isDense = kernel.startsWith('dense');
  const byColumns = kernel.endsWith('columns');
  const time = ([rows, columns, density]: readonly [number, number, number]): Work & { ns: number } => {
    const share = isDense ? 1 : density;
    const form = randomForm(rows, columns, share);
    const work = productWork(kernel, { rows, columns, nonzeros: share * rows * columns, kinds: 15, batch });
    return { ...work, ns: timeProduct(kernel, form, rows, columns, batch, clock) };
  };
  const short = time(isDense ? [8192, 4, 1] : byColumns ? COLUMNS : ROWS);
  // A product with a batch waits for its sums, not for weights.
  const sizes: (readonly [number, number, number])[] = isDense ? DENSE.slice(0, batch > 1 ? 2 : 3) : [...SPARSE];
  // Formats of one or two bytes a nonzero do not wait for memory: what they take from a third-level cache is what they take.
  if (kernel === 'csr') sizes.push(SPARSE_MEMORY);
  const measured = sizes.map(time);
  // Lines first, from where there is hardly anything else, then what is left for entries.
  const perLine =
    Math.max(0, short.ns - (short.entries * short.times * measured[0]!.ns) / (measured[0]!.entries * batch)) /
    short.lines;
  const [near, far = near!, memory = far] = measured.map(
    ({ ns, entries, times, lines }) => Math.max(ns / 10, ns - perLine * lines) / (entries * times),
  );
  return { perEntry: [near!, far, memory], perLine };
}

/** Of 27x27 pixels: the expansion of a Fire module, and one with hardly any weights. */
function measureConvolution(kernel: KernelName, clock: Clock): KernelCost {
  const pixels = 27 * 27;
  const isDense = kernel !== 'sparse-conv2d';
  const size = kernel === 'winograd-conv2d' ? 3 : 1;
  const pad = size >> 1;
  // Winograd's way: 36 multiplications for each 9 weights and tile, of which there are 7 × 7 of 4 × 4 pixels.
  const [each, times, lines] = size === 3 ? [4, 49, 16 * 49] : [1, pixels, pixels];
  const time = (filters: number, channels: number, density: number): { ns: number; entries: number } => {
    const shape = {
      ...{ channels, height: 27, width: 27, filters },
      ...({ kernelSize: [size, size], padding: [pad, pad, pad, pad] } as const),
    };
    const kernels = createKernels();
    const depth = channels * size * size;
    const layer = prepareConvolution(kernels, randomForm(filters, depth, density), shape, { kernel });
    return {
      ns: timeLayer(kernels, layer, channels * pixels, filters * pixels, clock),
      entries: filters * depth * density * each,
    };
  };
  const few = time(128, 4, isDense ? 1 : 0.25);
  const many = time(128, 128, isDense ? 1 : 0.2);
  const near = many.ns / (many.entries * times);
  const perLine = Math.max(0, few.ns - few.entries * times * near) / (128 * lines);
  return { perEntry: [near, near, near], perLine };
}

function timeProduct(
  kernel: KernelName,
  form: WeightForm,
  rows: number,
  columns: number,
  batch: number,
  clock: Clock,
): number {
  const kernels = createKernels();
  const layer = prepareProduct(kernels, form, rows, columns, { kernel, batch });
  return timeLayer(kernels, layer, batch * columns, batch * rows, clock);
}

/** Nanoseconds of one run: the fastest of rounds that each last a millisecond or more. */
function timeLayer(
  kernels: Kernels,
  layer: PreparedLayer,
  inputs: number,
  outputs: number,
  { now, rounds }: Clock,
): number {
  const x = kernels.allocate(4 * inputs + 64);
  const y = kernels.allocate(4 * outputs + 64);
  const scratch = kernels.allocate(layer.scratchBytes);
  kernels.float32(x, inputs).fill(1);
  const timeOf = (runs: number): number => {
    const start = now();
    for (let i = 0; i < runs; i++) layer.run(x, y, scratch);
    return now() - start;
  };
  let runs = 1;
  while (timeOf(runs) < 1 && runs < 2 ** 20) runs *= 2;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) best = Math.min(best, timeOf(runs) / runs);
  return best * 1e6;
}

/** A form of so many rows and columns with fifteen values, of which a share is left. */
function randomForm(rows: number, columns: number, density: number): WeightForm {
  const values = new Float32Array(rows * columns);
  let state = 1; // a linear congruence: what is drawn here need only be without order
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state < density * 2 ** 32) values[i] = (((state >>> 8) % 15) - 7.5) / 8;
  }
  return { kind: 'dense', values };
}
