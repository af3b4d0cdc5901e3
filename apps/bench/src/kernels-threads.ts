import { createKernels, type Kernels, type Prepared, prepareConvolution, prepareProduct } from '@pare/sparse-kernels';
import { startThreads } from '@pare/sparse-kernels/threads';
import { kernelSide } from './kernel-side.ts';
import { sparseConvolution, sparseLayer } from './kernels-layers.ts';
import type { Entry, Side } from './measure.ts';

/** Rounds of a row: more than elsewhere, as two cores are idle together less often than one. */
const ROUNDS = 42;

/** Two threads against one, for layers that take from a third of a millisecond on. */
export async function* threadEntries(): AsyncIterable<Entry> {
  const threaded = startThreads({ count: 2 });
  await threaded.ready;
  if (threaded.threads !== 2) throw new Error(`kernels: expected two threads, got ${threaded.threads}`);
  for (const layer of ['fc6', 'fc7'] as const) {
    const { name, rows, columns, form, dense } = sparseLayer(layer);
    const prepare = (kernels: Kernels): Prepared => prepareProduct(kernels, form, rows, columns);
    yield contest(`${name}, all inputs`, threaded, prepare, dense, rows);
  }
  for (const [extent, channels, filters, size, density] of CONVOLUTIONS) {
    const { name, shape, w, bias, x } = sparseConvolution(extent, channels, filters, size, density);
    const prepare = (kernels: Kernels): Prepared =>
      prepareConvolution(kernels, { kind: 'dense', values: w }, shape, { bias, least: 0 });
    yield contest(name, threaded, prepare, x, filters * extent * extent);
  }
  threaded.dispose();
}

/** A sparse one of each window, and a dense one in Winograd's way: [extent, channels, filters, window, density]. */
const CONVOLUTIONS = [
  [55, 16, 64, 3, 0.33],
  [14, 512, 512, 1, 0.33],
  [55, 64, 64, 3, 1],
] as const;

interface Checked {
  readonly side: Side;
  readonly y: Float32Array;
}

function contest(
  name: string,
  threaded: Kernels,
  prepare: (kernels: Kernels) => Prepared,
  x: Float32Array,
  outputs: number,
): Entry {
  const [one, two] = [createKernels(), threaded].map((kernels) => {
    let y = new Float32Array();
    const side = kernelSide(kernels, prepare(kernels), x, outputs, (output) => {
      y = output.slice();
    });
    return { side, y };
  }) as [Checked, Checked]; // as many as are mapped
  if (two.y.some((value, i) => value !== one.y[i])) throw new Error(`${name}: outputs differ`);
  const sides = { ours: two.side, theirs: one.side };
  return {
    name: `${name}, two threads`,
    peer: 'ourselves, one thread',
    ...sides,
    rounds: ROUNDS,
    must: null,
    goal: 1.8,
  };
}
