import type { Layer } from '@pare/core';
import { type LayerStep, sequence } from './sequence.ts';

export interface VggOptions {
  /** Default 1000. */
  readonly classes?: number;
  /** Height and width of the input; default 224. */
  readonly side?: number;
  /** Whether it ends in probabilities; default false: in logits, as the other networks here. */
  readonly softmax?: boolean;
}

/**
 * Lists the layers of VGG-16: thirteen convolutions of 3 × 3 in five blocks and three dense layers, 138,357,544 parameters.
 *
 * Dropout, which does nothing after training, is left out. The input is BGR of 0 … 255 minus the mean colour.
 *
 * @throws RangeError if `side` is too small, naming the layer that has no room
 * @example
 * layerTable(vgg16()).reduce((sum, { weights, biases }) => sum + weights + biases, 0) // 138357544
 * @see Simonyan, Zisserman 2014, arXiv:1409.1556, table 1, column D; the names are those of its authors' Caffe model
 */
export function vgg16({ classes = 1000, side = 224, softmax = false }: VggOptions = {}): Layer[] {
  return sequence(
    [3, side, side],
    [
      ...BLOCKS.flatMap(([filters, convolutions], i) => block(i + 1, filters, convolutions)),
      { kind: 'flatten', name: 'flatten' },
      { kind: 'dense', name: 'fc6', units: 4096 },
      { kind: 'relu', name: 'relu6' },
      { kind: 'dense', name: 'fc7', units: 4096 },
      { kind: 'relu', name: 'relu7' },
      { kind: 'dense', name: 'fc8', units: classes },
      ...(softmax ? [{ kind: 'softmax', name: 'prob' } as const] : []),
    ],
    { resize: 256, channelOrder: 'bgr', mean: [103.939, 116.779, 123.68] },
  );
}

/** Filters, and how many convolutions have so many. */
const BLOCKS = [
  [64, 2],
  [128, 2],
  [256, 3],
  [512, 3],
  [512, 3],
] as const;

const block = (number: number, filters: number, convolutions: number): readonly LayerStep[] => [
  ...Array.from({ length: convolutions }, (_, i) => `${number}_${i + 1}`).flatMap((name): readonly LayerStep[] => [
    { kind: 'conv2d', name: `conv${name}`, filters, kernelSize: 3, padding: 1 },
    { kind: 'relu', name: `relu${name}` },
  ]),
  { kind: 'pool', name: `pool${number}`, size: 2 },
];
