import { seededRandom } from '@pare/core';
import {
  type BucketedRows,
  createKernels,
  type KernelName,
  prepareConvolution,
  prepareProduct,
  sparseVector,
} from '@pare/sparse-kernels';
import { kernelSide } from './kernel-side.ts';
import { bell, quick, type SparseLayer, sparseConvolution, sparseLayer } from './kernels-layers.ts';
import { onnxProduct, type Peer, tfjsConvolution, tfjsProduct } from './kernels-peers.ts';
import { threadEntries } from './kernels-threads.ts';
import type { Bound, Contest, Entry, Side } from './measure.ts';
import { startBackend } from './training.ts';

/** Rounds of a row, as many as a busy machine needs to show its quiet moments. */
const ROUNDS = 21;

/** Sparse kernels against what runs the same layer with all its zeros. One layer is in memory at a time. */
export async function* kernelEntries(): AsyncIterable<Entry> {
  await startBackend();
  yield* products('fc7', [8, 9.5], [9, 14], [1.4, 2.4]);
  yield* products('fc6', [6, 8], [7, 10], [1.15, 1.5]);
  yield* products('fc8', [null, null], [2.8, 4], [null, null]);
  yield* products('VGG fc6', [9, 16], [14, 24], [1.8, 4]);
  yield* convolutions();
  yield* threadEntries();
  yield* growth();
}

type Aims = readonly [must: number | null, goal: number | null];

/** One vector, dense and as sparse as EIE's authors found it; then batches of AlexNet's layers of 9 %. */
async function* products(
  name: Parameters<typeof sparseLayer>[0],
  dense: Aims,
  skipping: Aims,
  int4: Aims,
): AsyncIterable<Entry> {
  const layer = sparseLayer(name);
  const batches = { fc7: [8, 64], fc6: [8] }[name as string] ?? [];
  const ours = (x: Float32Array, kernel?: KernelName) => ourProduct(layer, x, 1, kernel);
  const [all, some] = [ours(layer.dense), ours(layer.skipped)];
  const share = (x: Float32Array): string =>
    `${Math.round((100 * x.filter((value) => value !== 0).length) / x.length)} %`;
  const cold = emptyCaches();
  const skipped = `${share(layer.skipped)} of inputs`;

  const tfjs = tfjsProduct(layer, layer.dense);
  const one = { theirs: tfjs.side, peer: tfjs.name, rounds: ROUNDS };
  yield { ...one, name: `${layer.name}, all inputs`, ...all, must: dense[0], goal: dense[1] };
  yield { ...one, name: `${layer.name}, ${skipped}`, ...some, must: skipping[0], goal: skipping[1] };
  if (name === 'fc8') {
    const [aims, none] = [
      { must: skipping[0], goal: skipping[1], cold },
      { must: null, goal: null, cold },
    ];
    yield { ...one, name: `${layer.name}, all inputs, weights from memory`, ours: once(all.ours), ...aims };
    yield { ...one, name: `${layer.name}, ${skipped}, weights from memory`, ours: once(some.ours), ...none };
  }
  if (name === 'fc7') {
    for (const kernel of LOADED) yield loading(layer, kernel);
    for (const kernel of ['csr', 'relative-rows', 'relative-columns'] as const) {
      yield {
        ...one,
        name: `${layer.name}, ${skipped}, ${kernel}`,
        ...ours(layer.skipped, kernel),
        must: null,
        goal: null,
      };
    }
    yield { ...one, name: `${layer.name}, our dense kernel`, ...ours(layer.dense, 'dense'), must: null, goal: null };
  }
  tfjs.end();

  for (const [where, weights] of [
    ['node', 'int4'],
    ['node', 'float32'],
    ['web', 'float32'],
  ] as const) {
    if (weights === 'float32' && name !== 'fc7') continue;
    const peer = await onnxProduct(where, weights, layer, layer.dense);
    if (!peer) continue;
    const against = { theirs: { ...peer.side, runs: 2 }, peer: peer.name, rounds: ROUNDS };
    const [must, goal] = weights === 'int4' ? int4 : [null, null];
    const engine = `onnxruntime-${where} ${weights}`;
    yield { ...against, name: `${layer.name}, all inputs; ${engine}`, ...all, must: null, goal: null };
    yield { ...against, name: `${layer.name}, ${skipped}; ${engine}`, ...some, must, goal };
    if (weights === 'int4') {
      const name = `${layer.name}, ${skipped}, weights from memory; ${engine}`;
      yield { ...against, name, ours: once(some.ours), theirs: peer.side, cold, must, goal };
    }
    peer.end();
  }
  for (const batch of batches) {
    const x = bell(batch * layer.columns, seededRandom(2));
    const peer = tfjsProduct(layer, x);
    const aims = batch === 8 ? { must: 8, goal: 11 } : { must: 7, goal: 11 };
    const against = { theirs: peer.side, peer: peer.name, rounds: batch === 8 ? ROUNDS : 11, ...aims };
    yield { ...against, name: `${layer.name}, batch ${batch}`, ...ourProduct(layer, x, batch) };
    peer.end();
  }
}

const LOADED = ['csr', 'bucketed-rows', 'bucketed-columns', 'relative-rows'] as const;

/** What it takes to bring a shared form into a format and into memory, for each nonzero: less than reading the file takes. */
function loading({ name, rows, columns, form }: SparseLayer, kernel: KernelName): Bound {
  const nonzeros = form.mask.reduce((sum, kept) => sum + kept, 0);
  const trial = (): number => {
    const start = performance.now();
    prepareProduct(createKernels(), form, rows, columns, { kernel });
    return ((performance.now() - start) * 1e6) / nonzeros;
  };
  return { name: `${name}, loading as ${kernel}, for each nonzero`, unit: 'ns', limit: 1000, trial, trials: ROUNDS };
}

/** A side of which one run makes a round: what a cache holds after the first is not what it held before. */
const once = (side: Side): Side => ({ ...side, runs: 1 });

/** Our side, with the kernel that the table of costs chooses, checked against double precision. */
function ourProduct(layer: SparseLayer, x: Float32Array, batch: number, kernel?: KernelName): Pick<Contest, 'ours'> {
  const { rows, columns, form } = layer;
  const kernels = createKernels();
  const inputDensity = x.filter((value) => value !== 0).length / x.length;
  const prepared = prepareProduct(kernels, form, rows, columns, { batch, inputDensity, kernel });
  console.error(`  ${prepared.kernel}, ${(prepared.weightBytes / 1e6).toFixed(1)} MB`);
  return { ours: kernelSide(kernels, prepared, x, batch * rows, (y) => check(layer, x, y)) };
}

/** Some rows of some samples, in double precision. */
function check({ name, rows, columns, values }: SparseLayer, x: Float32Array, y: Float32Array): void {
  let [worst, largest] = [0, 0];
  for (let sample = 0; sample < x.length / columns; sample += 7) {
    for (let m = 0; m < rows; m += 37) {
      let sum = 0;
      for (let n = 0; n < columns; n++) sum += values[m * columns + n]! * x[sample * columns + n]!;
      worst = Math.max(worst, Math.abs(sum - y[sample * rows + m]!));
      largest = Math.max(largest, Math.abs(sum));
    }
  }
  if (!(worst <= 1e-4 * largest)) throw new Error(`${name}: results differ by ${worst / largest} of the largest`);
}

/** Reads 64 MB that nobody else reads: what a network's other layers do to a layer's weights between two inferences. */
function emptyCaches(): () => void {
  const other = new Float64Array(8 * 1024 * 1024).fill(1);
  let sum = 0;
  return () => {
    for (let i = 0; i < other.length; i += 8) sum += other[i]!;
    if (sum === 0.5) console.error(sum); // never, but the sum is used
  };
}

/** Shapes of SqueezeNet's and others' layers: [extent, channels, filters, window]. KERNELS.md, section 3. */
const CONVOLUTIONS = [
  [27, 32, 128, 1],
  [27, 256, 32, 1],
  [13, 512, 64, 1],
  [55, 16, 64, 3],
  [13, 64, 256, 3],
  [14, 512, 512, 1],
] as const;

/** Planes in, planes out, with bias and ReLU; making the zeros around planes is counted. */
function* convolutions(): Iterable<Entry> {
  for (const [extent, channels, filters, size] of CONVOLUTIONS) {
    for (const [density, must, goal] of [
      [0.33, 2.2, 2.8],
      [0.1, 5.5, 8.5],
    ] as const) {
      const { name, shape, w, bias, x } = sparseConvolution(extent, channels, filters, size, density);
      const kernels = createKernels();
      const form = { kind: 'dense', values: w } as const;
      const ours = kernelSide(
        kernels,
        prepareConvolution(kernels, form, shape, { bias, least: 0 }),
        x,
        filters * extent * extent,
      );
      const peer: Peer = tfjsConvolution({ channels, extent, filters, size }, w, bias, x);
      yield { name, peer: peer.name, ours, theirs: { ...peer.side, runs: 2 }, rounds: 2 * ROUNDS, must, goal };
      peer.end();
    }
  }
}

/** A nonzero never takes longer than this: 0.25 from caches, and the rest is 2¼ bytes of it from a memory that others use, too. */
const MOST_NS = 2;

/** Time for each nonzero, the matrix drawn as chunks without being dense before: 1500 nonzeros a row of 16,000. */
function* growth(): Iterable<Bound> {
  for (const exponent of [4, 5, 6, 7, 8]) {
    const matrix = drawnChunks(10 ** exponent);
    const kernels = createKernels();
    const x = bell(matrix.columns, seededRandom(3));
    const side = kernelSide(kernels, sparseVector(kernels, matrix), x, matrix.rows);
    const trial = (): number => {
      const runs = side.runs ?? 1;
      const start = performance.now();
      for (let i = 0; i < runs; i++) void side.run();
      return ((performance.now() - start) / runs / matrix.nonzeros) * 1e6;
    };
    yield { name: `time for each of 10^${exponent} nonzeros`, unit: 'ns', limit: MOST_NS, trial, trials: ROUNDS };
  }
}

function drawnChunks(nonzeros: number): BucketedRows {
  const [columns, perRow] = [16000, 1504];
  const rows = Math.max(1, Math.round(nonzeros / perRow));
  const next = quick(seededRandom(4));
  const chunks = (rows * perRow) / 8;
  return {
    kind: 'bucketed-rows',
    rows,
    columns,
    nonzeros: rows * perRow,
    blockColumns: columns,
    chunkEnds: Uint32Array.from({ length: rows }, (_, m) => ((m + 1) * perRow) / 8),
    codes: Uint8Array.from({ length: chunks }, (_, chunk) => 1 + (chunk % 15)),
    offsets: Uint16Array.from({ length: 8 * chunks }, () => 4 * Math.floor(next() * columns)),
    codebook: Float32Array.from({ length: 16 }, (_, code) => (code ? (code - 7.9) / 16 : 0)),
  };
}
