import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type CompressedLayer,
  type CompressedNetwork,
  compressAlexnet,
  compressRealLayers,
  compressVgg16,
} from '../../alexnet/deep-compression.ts';
import { alexnetPublished, vgg16Published } from '../../alexnet/published.ts';
import { svdAlexnet } from '../../alexnet/svd.ts';
import { findCaffeAlexnet } from '../../data/caffe-alexnet.ts';
import { findDataFolder } from '../../data/data-folder.ts';
import { TABLE_2 } from '../published.ts';
import { type DetailTable, defineRow, type Row, type RowContext, type RowMade } from '../row.ts';

/** One pass over all 61 million weights serves three rows. */
const alexnetPass = ({ once, signal, report }: RowContext): Promise<CompressedNetwork> =>
  once('alexnet', () => {
    const found = findCaffeAlexnet();
    return compressAlexnet({
      ...(found && { folder: dirname(found) }),
      signal,
      onProgress: ({ stage, fraction }) => report(stage, fraction),
    });
  });

/** Dense layers as products of two thin matrices: counted, for accuracy there are no weights. */
export const alexnetLowRank: Row = defineRow({
  id: 'alexnet-svd',
  title: 'AlexNet, dense layers of low rank',
  architecture: 'AlexNet',
  group: 'published',
  published: TABLE_2.svd,
  runs: 'always',
  async run() {
    const { bytes, ranks, note } = svdAlexnet();
    const named = Object.entries(ranks).map(([layer, rank]) => `${layer} ${rank}`);
    return { bytes, weights: 'none', note: `ranks ${named.join(', ')}: ${note}` };
  },
});

/** Pruned to the published densities, float32 values with 4-bit relative indices: what pruning alone gives. */
export const alexnetPruned: Row = defineRow({
  id: 'alexnet-pruned',
  title: 'AlexNet, pruned',
  architecture: 'AlexNet',
  group: 'published',
  published: TABLE_2.pruned,
  runs: 'always',
  large: true,
  async run(context) {
    const pass = await alexnetPass(context);
    // An entry is a float32 and an index of `indexBits`; biases stay.
    const entries = pass.layers.reduce((sum, { entries, indexBits }) => sum + entries * (32 + indexBits), 0) / 8;
    const biases = pass.originalBytes - 4 * pass.total.weights;
    const alone = 4 * pass.total.weights * pass.total.density + biases;
    return {
      bytes: Math.round(entries + biases),
      weights: pass.source,
      note: `${pass.source} weights; ${(100 * pass.total.density).toFixed(1)} % kept as float32, with ${pass.layers[0]!.indexBits}-bit relative indices; the published size leaves indices out: then ours is ${(alone / 1e6).toFixed(1)} MB`,
    };
  },
});

/** Pruned, clustered, Huffman coded, as the paper does. */
export const alexnetDeepCompression: Row = defineRow({
  id: 'alexnet-deep-compression',
  title: 'AlexNet, Deep Compression as published',
  architecture: 'AlexNet',
  group: 'published',
  published: TABLE_2.deepCompression,
  runs: 'always',
  large: true,
  bounds: [{ what: 'seconds', atMost: 60 }],
  async run(context) {
    const pass = await alexnetPass(context);
    context.report('the real layers that are left', 0.95);
    return faithful(pass, [tableOf('table 4, layer by layer', pass.layers, alexnetPublished.source), ...realLayers()]);
  },
});

/** The same weights in our file. */
export const alexnetOurCoding: Row = defineRow({
  id: 'alexnet-our-coding',
  title: 'AlexNet, the same weights in our coding',
  architecture: 'AlexNet',
  group: 'ours',
  runs: 'always',
  large: true,
  async run(context) {
    const pass = await alexnetPass(context);
    const less = 100 * (1 - pass.bestBytes / pass.faithfulBytes);
    return {
      bytes: pass.bestBytes,
      weights: pass.source,
      note: `${less.toFixed(1)} % smaller than by the paper's Huffman codes`,
    };
  },
});

export const vgg16DeepCompression: Row = defineRow({
  id: 'vgg-16',
  title: 'VGG-16, Deep Compression as published',
  architecture: 'VGG-16',
  group: 'ours',
  runs: 'full',
  large: true,
  bounds: [{ what: 'seconds', atMost: 180 }],
  async run({ signal, report }) {
    const folder = findDataFolder()?.path;
    const pass = await compressVgg16({
      ...(folder && { folder }),
      signal,
      onProgress: ({ stage, fraction }) => report(stage, fraction),
    });
    return faithful(pass, [tableOf('table 5, layer by layer', pass.layers, vgg16Published.source)]);
  },
});

/** A network by the paper's method; its time is that of pruning, clustering and coding so, and of writing our file. */
const faithful = (pass: CompressedNetwork, tables: readonly DetailTable[]): RowMade => ({
  bytes: pass.faithfulBytes,
  weights: pass.source,
  seconds: pass.seconds.compress + pass.seconds.encode,
  note: noteOf(pass),
  details: { stages: stagesOf(pass), tables },
});

const noteOf = ({ note, source, publishedBytes, peakBytes, seconds }: CompressedNetwork): string =>
  [
    note,
    ...(source === 'generated' ? ['random values and places are harder to code than trained ones'] : []),
    `published ${(publishedBytes / 1e6).toFixed(1)} MB`,
    `${seconds.compress.toFixed(0)} s, and ${seconds.encode.toFixed(0)} s for our coding; ${(peakBytes / 1e9).toFixed(1)} GB at most`,
  ].join('; ');

const stagesOf = ({ originalBytes, total, faithfulBytes, bestBytes }: CompressedNetwork) => [
  { stage: 'float32', bytes: originalBytes },
  { stage: 'pruned, float32 and relative indices', bytes: Math.round((total.entries * (32 + total.indexBits)) / 8) },
  { stage: 'shared values', bytes: Math.round(4 * total.weights * total.rate) },
  { stage: 'Huffman codes', bytes: faithfulBytes },
  { stage: 'the same weights in our coding', bytes: bestBytes },
];

function tableOf(title: string, layers: readonly CompressedLayer[], note: string): DetailTable {
  const beside = (ours: number, published: number, digits: number): string => `${ours.toFixed(digits)} (${published})`;
  return {
    title,
    note,
    head: [
      'layer',
      'weights',
      'density, %',
      'bits of a code',
      'bits of an index',
      'rate, %',
      'rate with Huffman codes, %',
    ],
    rows: layers.map(({ name, weights, published, ...layer }) => [
      name,
      weights.toLocaleString('en-US'),
      beside(100 * layer.density, round(100 * published.density), 1),
      beside(layer.weightBitsHuffman, published.weightBitsHuffman, 2),
      beside(layer.indexBitsHuffman, published.indexBitsHuffman, 2),
      beside(100 * layer.rate, round(100 * published.rate), 2),
      beside(100 * layer.rateHuffman, round(100 * published.rateHuffman), 2),
    ]),
  };
}

const round = (number: number): number => Number(number.toFixed(3));

/** fc7 and fc8 of a real AlexNet, if its product-quantised layers are among the data. */
function realLayers(): DetailTable[] {
  const folder = findDataFolder()?.path;
  const quantized = folder && join(folder, 'alexnet-pq');
  if (!quantized || !existsSync(quantized)) return [];
  const note = `${alexnetPublished.source}; the real weights of a product-quantised AlexNet (github.com/jiaxiang-wu/quantized-cnn), pruned by us`;
  return [tableOf('real fc7 and fc8 beside table 4', compressRealLayers(quantized), note)];
}
