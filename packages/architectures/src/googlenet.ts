import type { Layer } from '@pare/core';
import { type Block, follow, type LayerStep, type Step, sequence } from './sequence.ts';

export interface GooglenetOptions {
  /** Default 1000. */
  readonly classes?: number;
  /** Height and width of the input; default 224. */
  readonly side?: number;
  /** Whether it ends in probabilities; default false: in logits, as the other networks here. */
  readonly softmax?: boolean;
}

/** Filters of an inception module, in the order of the paper's table. */
export interface InceptionOptions {
  readonly one: number;
  /** Of the 1 × 1 convolution before the 3 × 3 one, and of that. */
  readonly three: readonly [reduce: number, filters: number];
  /** Of the 1 × 1 convolution before the 5 × 5 one, and of that. */
  readonly five: readonly [reduce: number, filters: number];
  /** Of the 1 × 1 convolution after the pool. */
  readonly pool: number;
}

/**
 * Lists the layers of GoogLeNet: 58 with kernels, 6,998,552 parameters. The two auxiliary heads, which only training uses, and
 * dropout are left out. The input is BGR of 0 … 255 minus the mean colour, as Caffe's.
 *
 * @throws RangeError if `side` is too small, naming the layer that has no room
 * @example
 * layerTable(googlenet()).filter(({ weights }) => weights > 0).length // 58
 * layerTable(googlenet()).reduce((sum, { weights, biases }) => sum + weights + biases, 0) // 6998552
 * @see Szegedy et al. 2014, arXiv:1409.4842, table 1; the names are those of Caffe, models/bvlc_googlenet
 */
export function googlenet({ classes = 1000, side = 224, softmax = false }: GooglenetOptions = {}): Layer[] {
  return sequence(
    [3, side, side],
    [
      ...convRelu('conv1/7x7_s2', 64, 7, 2),
      pool('pool1/3x3_s2'),
      { kind: 'lrn', name: 'pool1/norm1' },
      ...convRelu('conv2/3x3_reduce', 64, 1),
      ...convRelu('conv2/3x3', 192, 3),
      { kind: 'lrn', name: 'conv2/norm2' },
      pool('pool2/3x3_s2'),
      ...MODULES.flatMap(([name, one, three, five, pooled]): Step[] => [
        inception(`inception_${name}`, { one, three, five, pool: pooled }),
        ...(name === '3b' ? [pool('pool3/3x3_s2')] : name === '4e' ? [pool('pool4/3x3_s2')] : []),
      ]),
      { kind: 'pool', name: 'pool5/7x7_s1', mode: 'average', size: 'global' },
      { kind: 'flatten', name: 'flatten' },
      { kind: 'dense', name: 'loss3/classifier', units: classes },
      ...(softmax ? [{ kind: 'softmax', name: 'prob' } as const] : []),
    ],
    { resize: 256, channelOrder: 'bgr', mean: [104, 117, 123] },
  );
}

/**
 * Makes an inception module: 1 × 1, 3 × 3 and 5 × 5 filters and a pool side by side, the last three with 1 × 1 filters that
 * leave fewer channels; then their channels one behind the other. Its output is `<name>/output`.
 *
 * @example
 * const widths = { one: 64, three: [96, 128], five: [16, 32], pool: 32 };
 * sequence([192, 28, 28], [inception('inception_3a', widths)]).at(-1)?.outputShape // [256, 28, 28]
 * @see Szegedy et al. 2014, figure 2(b)
 */
export function inception(name: string, { one, three, five, pool: pooled }: InceptionOptions): Block {
  return (source) => {
    const branches = [
      convRelu(`${name}/1x1`, one, 1),
      [...convRelu(`${name}/3x3_reduce`, three[0], 1), ...convRelu(`${name}/3x3`, three[1], 3)],
      [...convRelu(`${name}/5x5_reduce`, five[0], 1), ...convRelu(`${name}/5x5`, five[1], 5)],
      [
        { kind: 'pool', name: `${name}/pool`, size: 3, stride: 1, padding: 1 } as const,
        ...convRelu(`${name}/pool_proj`, pooled, 1),
      ],
    ].map((steps) => follow(source, steps));
    const ends = branches.map((layers) => layers.at(-1)!);
    const [, height, width] = ends[0]!.outputShape as [number, number, number];
    const concat: Layer = {
      kind: 'concat',
      name: `${name}/output`,
      inputs: ends.map((layer) => layer.name),
      outputShape: [one + three[1] + five[1] + pooled, height, width],
    };
    return [...branches.flat(), concat];
  };
}

const pool = (name: string): LayerStep => ({ kind: 'pool', name, size: 3, stride: 2, rounding: 'ceil' });

/** A convolution that keeps height and width, but for its stride. */
function convRelu(name: string, filters: number, kernelSize: number, stride = 1): LayerStep[] {
  const cut = name.lastIndexOf('/');
  return [
    { kind: 'conv2d', name, filters, kernelSize, stride, padding: (kernelSize - 1) / 2 },
    { kind: 'relu', name: `${name.slice(0, cut)}/relu_${name.slice(cut + 1)}` },
  ];
}

// Szegedy et al. 2014, table 1: #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj.
const MODULES = [
  ['3a', 64, [96, 128], [16, 32], 32],
  ['3b', 128, [128, 192], [32, 96], 64],
  ['4a', 192, [96, 208], [16, 48], 64],
  ['4b', 160, [112, 224], [24, 64], 64],
  ['4c', 128, [128, 256], [24, 64], 64],
  ['4d', 112, [144, 288], [32, 64], 64],
  ['4e', 256, [160, 320], [32, 128], 128],
  ['5a', 256, [160, 320], [32, 128], 128],
  ['5b', 384, [192, 384], [48, 128], 128],
] as const;
