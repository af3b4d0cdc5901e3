import { seededRandom } from '@pare/core';
import {
  createKernels,
  type KernelName,
  type Prepared,
  prepareConvolution,
  prepareProduct,
  type WeightForm,
} from '@pare/sparse-kernels';
import { kernelSide } from './kernel-side.ts';
import { bell, quick } from './kernels-layers.ts';
import type { Contest } from './measure.ts';

const DENSITIES = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1];
const ROUNDS = 50;
/** No layer may be more than 5 % slower than with the dense kernel. */
const MUST = 0.95;

/**
 * What the table of costs chooses against the dense kernel, over all densities; and beside it each kernel that there is a choice of,
 * reported only.
 */
export function* crossoverEntries(): Iterable<Contest> {
  yield* products('1024x1024', 1024, 1024, 15, 1);
  yield* products('1024x1024, all values different', 1024, 1024, 0, 1);
  yield* products('1024x1024, batch 24', 1024, 1024, 0, 24);
  yield* convolutions('27x27, 64 to 64, 1x1', 27, 64, 64, 1);
  yield* convolutions('27x27, 32 to 64, 3x3', 27, 32, 64, 3);
}

function* products(name: string, rows: number, columns: number, kinds: number, batch: number): Iterable<Contest> {
  const x = bell(batch * columns, seededRandom(1));
  const dense: KernelName = batch > 1 ? 'dense-batch' : 'dense';
  for (const density of DENSITIES) {
    const form = drawn(rows * columns, density, kinds);
    const side = (kernel: KernelName) => {
      const kernels = createKernels();
      return kernelSide(kernels, prepareProduct(kernels, form, rows, columns, { kernel, batch }), x, batch * rows);
    };
    const { kernel } = prepareProduct(createKernels(), form, rows, columns, { batch });
    const others = batch > 1 ? (['sparse-batch'] as const) : kinds ? VECTOR : (['csr'] as const);
    yield* contests(`${name} at ${percent(density)}`, dense, others, kernel, side);
  }
}

const VECTOR = ['csr', 'bucketed-rows', 'bucketed-columns', 'relative-rows', 'relative-columns'] as const;

function* convolutions(
  name: string,
  extent: number,
  channels: number,
  filters: number,
  size: number,
): Iterable<Contest> {
  const x = bell(channels * extent * extent, seededRandom(1));
  const pad = size >> 1;
  const shape = {
    ...{ channels, height: extent, width: extent, filters },
    ...({ kernelSize: [size, size], padding: [pad, pad, pad, pad] } as const),
  };
  for (const density of DENSITIES) {
    const form = drawn(filters * channels * size * size, density, 0);
    const side = (kernel: KernelName) => {
      const kernels = createKernels();
      const prepared: Prepared = prepareConvolution(kernels, form, shape, { kernel });
      return kernelSide(kernels, prepared, x, filters * extent * extent);
    };
    const [dense, ...others]: KernelName[] =
      size === 3 ? ['winograd-conv2d', 'dense-conv2d', 'sparse-conv2d'] : ['dense-conv2d', 'sparse-conv2d'];
    const { kernel } = prepareConvolution(createKernels(), form, shape);
    yield* contests(`${name} at ${percent(density)}`, dense!, others, kernel, side);
  }
}

function* contests(
  name: string,
  dense: KernelName,
  others: readonly KernelName[],
  chosen: KernelName,
  side: (kernel: KernelName) => ReturnType<typeof kernelSide>,
): Iterable<Contest> {
  const theirs = side(dense);
  const peer = `our ${dense}`;
  for (const kernel of chosen === dense ? [dense, ...others] : others) {
    const isChosen = kernel === chosen;
    const ours = kernel === dense ? theirs : side(kernel);
    const must = isChosen ? MUST : null;
    yield {
      name: `${name}: ${kernel}${isChosen ? ', chosen' : ''}`,
      peer,
      ours,
      theirs,
      rounds: ROUNDS,
      must,
      goal: null,
    };
  }
}

const percent = (density: number): string => `${Math.round(100 * density)} %`;

/** Values of a bell curve, all different or of so many kinds, of which a share is left. */
function drawn(length: number, density: number, kinds: number): WeightForm & { kind: 'dense' } {
  const random = seededRandom(2);
  const next = quick(random.fork('zeros'));
  const values = bell(length, random.fork('values')).map((value) => {
    if (next() >= density) return 0;
    return kinds ? (Math.round((value + 2) * (kinds / 4 - 0.1)) + 0.3) / kinds - 0.5 : value;
  });
  return { kind: 'dense', values };
}
