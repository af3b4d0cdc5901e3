import { resourceUsage } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { layerTable } from '@pare/architectures';
import { elementCount, type Model, type Shared, type Weight } from '@pare/core';
import { type Coding, decodeModel, describeFile, encodeModel } from '@pare/format';
import { magnitudeMask } from '@pare/pruning';
import { shareValues } from '@pare/quantization';
import { readProductQuantized } from './product-quantized.ts';
import { alexnetPublished, type PublishedLayer } from './published.ts';
import { averageBits, relativeEntries, writeRelative } from './relative-file.ts';
import { alexnetNetwork, type Network, vgg16Network, weightSource } from './weights.ts';

export interface CompressOptions {
  /** Of the data, where real weights may be; default none. */
  readonly folder?: string;
  /** Of the generated weights; default 1. */
  readonly seed?: number;
  /** Our coding; default `'small'`. */
  readonly coding?: Coding;
  /** Whether to write a `.pare` file with Huffman codes alone too; default false. */
  readonly huffmanFile?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CompressProgress) => void;
}

/**
 * Rounds of k-means from the linear start. The paper does not say how many it made, but how many bits its codes take on average,
 * 3.6 in fc7 and 4.0 in fc8. On real weights of these layers 20 rounds make that 3.58 and 4.05; at convergence, some 300 rounds
 * later, they are 3.70 and 4.58: clusters are evener then, so Huffman codes gain less.
 */
const ROUNDS = 20;

export interface CompressProgress {
  /** What is being done: a layer's name, or the file that is written. */
  readonly stage: string;
  /** Done share of the whole, 0 … 1. */
  readonly fraction: number;
}

/** What the paper's method makes of a layer, beside what the paper says. Rates are shares of the float32 size. */
export interface FaithfulLayer extends PublishedLayer {
  readonly weights: number;
  /** Entries stored by the paper's method, and how many of them are fillers. */
  readonly entries: number;
  readonly fillers: number;
  /** Of codebook, codes and gaps, Huffman coded. */
  readonly bytes: number;
  readonly published: PublishedLayer;
}

/** The same, with what our best coding makes of the very same weights. */
export interface CompressedLayer extends FaithfulLayer {
  readonly bestBytes: number;
}

export interface CompressedNetwork {
  readonly name: string;
  readonly source: 'real' | 'generated';
  readonly note: string;
  readonly layers: readonly CompressedLayer[];
  readonly total: CompressedLayer;
  /** Dense, as float32. */
  readonly originalBytes: number;
  /** The paper's method: relative indices with fillers, Huffman codes, float32 codebooks and biases. */
  readonly faithfulBytes: number;
  /** The same weights in a `.pare` file, which was read again and compared. */
  readonly bestBytes: number;
  /** The same with Huffman codes alone, without the fillers of the paper; null if not asked for. */
  readonly huffmanFileBytes: number | null;
  readonly coding: Coding;
  readonly publishedBytes: number;
  /** To prune, cluster and code by the paper's method; and to write our files. */
  readonly seconds: { readonly compress: number; readonly encode: number };
  /** The most memory that the process has held, in bytes. */
  readonly peakBytes: number;
}

/** Runs Deep Compression over all 61 million weights of Caffe's AlexNet. */
export const compressAlexnet = (options: CompressOptions = {}): Promise<CompressedNetwork> =>
  compressNetwork(alexnetNetwork(), options);

/** Runs Deep Compression over all 138 million weights of VGG-16. */
export const compressVgg16 = (options: CompressOptions = {}): Promise<CompressedNetwork> =>
  compressNetwork(vgg16Network(), options);

/**
 * Runs Deep Compression over the real dense layers that are left of a product-quantised AlexNet, fc7 and fc8.
 *
 * @param folder - `alexnet-pq` of the data folder
 */
export function compressRealLayers(folder: string): CompressedLayer[] {
  return alexnetPublished.layers.flatMap((published) => {
    if (published.name !== 'fc7' && published.name !== 'fc8') return [];
    const [kernel] = readProductQuantized(folder, [published.name]);
    const { form, layer } = compressKernel(kernel!, published);
    const model: Model = { layers: [], weights: [{ ...kernel!, form }], history: [] };
    const bytes = encodeModel(model, { ...codecsFor(model.weights) });
    checkSame(model, decodeModel(bytes));
    return [{ ...layer, bestBytes: bytes.length }];
  });
}

/**
 * Prunes, clusters and codes every layer of a network, one after the other, writes a file, and reads it again.
 *
 * @throws the signal's reason once it is aborted, after the layer or file at hand
 */
export async function compressNetwork(network: Network, options: CompressOptions = {}): Promise<CompressedNetwork> {
  const { folder, seed = 1, coding = 'small', huffmanFile = false, signal, onProgress } = options;
  const { layers, published } = network;
  const source = await weightSource(network, folder, seed);
  const seconds = { compress: 0, encode: 0 };
  const timed = <T>(what: keyof typeof seconds, work: () => T): T => {
    const start = performance.now();
    const result = work();
    seconds[what] += (performance.now() - start) / 1000;
    return result;
  };
  /** Lets an abort arrive, and heeds it. */
  const next = async (stage: string, done: number): Promise<void> => {
    onProgress?.({ stage, fraction: done });
    await setImmediate();
    signal?.throwIfAborted();
  };

  const rows: FaithfulLayer[] = [];
  const weights: Weight[] = [];
  const counts = new Map(layerTable(layers).map((layer) => [layer.name, layer.weights]));
  const whole = [...counts.values()].reduce((a, b) => a + b, 0);
  let done = 0;
  for (const row of published.layers) {
    await next(row.name, (0.6 * done) / whole);
    const [kernel, bias] = source.weightsOf(row.name);
    const { form, layer } = timed('compress', () => compressKernel(kernel, row));
    rows.push(layer);
    weights.push({ ...kernel, form }, bias);
    done += counts.get(row.name)!;
  }

  const model: Model = { name: network.name, layers, weights, history: [] };
  const files: Uint8Array[] = [];
  const codings: readonly Coding[] = huffmanFile ? [coding, 'huffman'] : [coding];
  for (const [i, each] of codings.entries()) {
    const before = 0.6 + (0.4 * i) / codings.length;
    await next(`file, ${each}`, before);
    const bytes = timed('encode', () =>
      encodeModel(model, { coding: each, ...(each === 'small' && codecsFor(weights)) }),
    );
    await next(`reading the file, ${each}`, before + 0.3 / codings.length);
    checkSame(model, decodeModel(bytes));
    files.push(bytes);
  }
  onProgress?.({ stage: 'done', fraction: 1 });

  const biasBytes =
    4 * weights.reduce((sum, { form, shape }) => sum + (form.kind === 'dense' ? elementCount(shape) : 0), 0);
  const inFile = new Map(describeFile(files[0]!).weights.map(({ name, bytes }) => [name, bytes]));
  const compressed = rows.map((row) => ({ ...row, bestBytes: inFile.get(`${row.name}/kernel`)! }));
  const total = totalOf(compressed, published.total);
  return {
    name: network.name,
    source: source.source,
    note: source.note,
    layers: compressed,
    total,
    originalBytes: 4 * total.weights + biasBytes,
    faithfulBytes: total.bytes + biasBytes,
    bestBytes: files[0]!.length,
    huffmanFileBytes: files[1]?.length ?? null,
    coding,
    publishedBytes: published.bytes,
    seconds,
    peakBytes: 1024 * resourceUsage().maxRSS,
  };
}

/**
 * Compresses a kernel by the paper's method: pruned by magnitude to the published density, its values clustered by k-means from
 * a linear start, its places as relative indices, both Huffman coded.
 *
 * A codebook has 2^bits − 1 entries: one code is for fillers, as in the files that the authors released.
 */
export function compressKernel(
  { name, form, shape }: Weight,
  published: PublishedLayer,
): { form: Shared; layer: FaithfulLayer } {
  if (form.kind !== 'dense') throw new TypeError(`compressKernel: "${name}" expected dense, got ${form.kind}`);
  const { density, weightBits, indexBits } = published;
  const mask = magnitudeMask(form.values, { keep: density });
  const shared = shareValues(form.values, mask, { count: 2 ** weightBits - 1, init: 'linear', iterations: ROUNDS });
  const entries = relativeEntries(shared, indexBits);
  const { codes, gaps } = entries;
  const bytes = writeRelative(entries, shared.codebook, indexBits).length;
  const weights = elementCount(shape);
  const kept = mask.reduce((sum, bit) => sum + bit, 0);
  return {
    form: shared,
    layer: {
      name: published.name,
      weights,
      density: kept / weights,
      entries: codes.length,
      fillers: codes.length - kept,
      weightBits,
      weightBitsHuffman: averageBits(codes, shared.codebook.length + 1),
      indexBits,
      indexBitsHuffman: averageBits(gaps, 2 ** indexBits),
      rate: (codes.length * (weightBits + indexBits) + 32 * shared.codebook.length) / (32 * weights),
      rateHuffman: bytes / (4 * weights),
      bytes,
      published,
    },
  };
}

/** Weights of the part of a layer that tells what suits it. */
const SAMPLE = 2 ** 21;

/**
 * Chooses the codec of the layers that are too large for `encodeModel` to try `adaptive@1` on: it is worth its time where trained
 * weights lie in patterns, not where they were drawn by chance. The first rows show which.
 */
function codecsFor(weights: readonly Weight[]): { codec?: { byName: Record<string, string> } } {
  const byName: Record<string, string> = {};
  for (const { name, shape, form } of weights) {
    const columns = elementCount(shape.slice(1));
    if (form.kind !== 'shared' || elementCount(shape) <= 2 * SAMPLE) continue;
    const rows = Math.max(1, Math.floor(SAMPLE / columns));
    const part = (numbers: Uint16Array | Uint8Array) => numbers.subarray(0, rows * columns);
    const sample = { ...form, indices: part(form.indices), mask: part(form.mask) } as Shared;
    const model: Model = { layers: [], weights: [{ name, shape: [rows, columns], form: sample }], history: [] };
    const [adaptive, streams] = ['adaptive@1', 'streams@1'].map((codec) => encodeModel(model, { codec }).length);
    if (adaptive! < streams!) byName[name] = 'adaptive@1';
  }
  return Object.keys(byName).length > 0 ? { codec: { byName } } : {};
}

/** All layers together; bits are those of an average entry. */
function totalOf(layers: readonly CompressedLayer[], published: PublishedLayer): CompressedLayer {
  const sum = (of: (layer: CompressedLayer) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
  const [weights, entries] = [sum((layer) => layer.weights), sum((layer) => layer.entries)];
  const perEntry = (of: (layer: CompressedLayer) => number): number =>
    sum((layer) => layer.entries * of(layer)) / entries;
  const perWeight = (of: (layer: CompressedLayer) => number): number =>
    sum((layer) => layer.weights * of(layer)) / weights;
  return {
    name: 'total',
    weights,
    entries,
    fillers: sum((layer) => layer.fillers),
    density: perWeight((layer) => layer.density),
    weightBits: perEntry((layer) => layer.weightBits),
    weightBitsHuffman: perEntry((layer) => layer.weightBitsHuffman),
    indexBits: perEntry((layer) => layer.indexBits),
    indexBitsHuffman: perEntry((layer) => layer.indexBitsHuffman),
    rate: perWeight((layer) => layer.rate),
    rateHuffman: perWeight((layer) => layer.rateHuffman),
    bytes: sum((layer) => layer.bytes),
    bestBytes: sum((layer) => layer.bestBytes),
    published,
  };
}

/** Compares a decoded network, number by number. */
function checkSame(model: Model, decoded: Model): void {
  const found = new Map(decoded.weights.map((weight) => [weight.name, weight.form]));
  for (const { name, form } of model.weights) {
    const other = found.get(name);
    const same =
      form.kind === 'shared'
        ? other?.kind === 'shared' && sameShared(form, other)
        : other?.kind === 'dense' &&
          form.kind === 'dense' &&
          form.values.every((value, i) => value === other.values[i]);
    if (!same) throw new Error(`bug: "${name}" came back from its file as another`);
  }
}

function sameShared(one: Shared, other: Shared): boolean {
  for (let i = 0; i < one.mask.length; i++) {
    if (one.mask[i] !== other.mask[i]) return false;
    if (one.mask[i] === 1 && one.codebook[one.indices[i]!] !== other.codebook[other.indices[i]!]) return false;
  }
  return one.mask.length === other.mask.length;
}
