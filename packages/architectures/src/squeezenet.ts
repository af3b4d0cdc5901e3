import type { Layer, Preprocess } from '@pare/core';
import { fire } from './fire.ts';
import { type Step, sequence } from './sequence.ts';

export interface SqueezenetOptions {
  /** 1.1 needs 2.4 times fewer multiplications for the same accuracy; default `'1.0'`, the one of the paper. */
  readonly version?: '1.0' | '1.1';
  /** Default 1000. */
  readonly classes?: number;
  /** Height and width of the input; default 227 for 1.0, as in Caffe, and 224 for 1.1. */
  readonly side?: number;
  /** Whether it ends in probabilities; default false: in logits, as the other networks here. */
  readonly softmax?: boolean;
}

/**
 * Lists the layers of SqueezeNet, named as in its authors' files: v1.0 has 1,248,424 parameters, v1.1 1,235,496.
 *
 * Dropout, which does nothing after training, is left out. conv10 of v1.0 pads its 1 × 1 kernel by one, as the released
 * network does: the average then includes a rim of biases.
 *
 * The input of v1.0 is BGR of 0 … 255 minus the mean colour, as Caffe's; that of v1.1 is RGB of mean 0 and deviation 1.
 *
 * @throws RangeError if `side` is too small, naming the layer that has no room
 * @example
 * layerTable(squeezenet()).reduce((sum, { weights, biases }) => sum + weights + biases, 0) // 1248424
 * squeezenet({ version: '1.1', classes: 10 }).at(-1)?.outputShape // [10]
 * @see Iandola et al. 2016, table 1; github.com/forresti/SqueezeNet, SqueezeNet_v1.0 and SqueezeNet_v1.1
 */
export function squeezenet(options: SqueezenetOptions = {}): Layer[] {
  const { version = '1.0', classes = 1000, softmax = false } = options;
  const { side = version === '1.0' ? 227 : 224 } = options;
  const head: readonly Step[] = [
    { kind: 'conv2d', name: 'conv10', filters: classes, kernelSize: 1, padding: version === '1.0' ? 1 : 0 },
    { kind: 'relu', name: 'relu_conv10' },
    { kind: 'pool', name: 'pool10', mode: 'average', size: 'global' },
    { kind: 'flatten', name: 'flatten' },
    ...(softmax ? [{ kind: 'softmax', name: 'prob' } as const] : []),
  ];
  return sequence([3, side, side], [...BODY[version], ...head], PREPROCESS[version]);
}

// Filters from fire2 to fire9: s = 0.125·e, e = 128 + 128·⌊i/2⌋, half of them 3 × 3 (section 5.1)
const SQUEEZE = [16, 16, 32, 32, 48, 48, 64, 64];
const fires = (first: number, last: number): readonly Step[] =>
  SQUEEZE.slice(first - 2, last - 1).map((squeeze, i) => fire(`fire${first + i}`, { squeeze, expand1x1: 4 * squeeze }));

const pool = (name: string, rounding: 'ceil' | 'floor'): Step => ({
  kind: 'pool',
  name,
  size: 3,
  stride: 2,
  rounding,
});
const relu: Step = { kind: 'relu', name: 'relu_conv1' };

const BODY: Readonly<Record<'1.0' | '1.1', readonly Step[]>> = {
  '1.0': [
    { kind: 'conv2d', name: 'conv1', filters: 96, kernelSize: 7, stride: 2 },
    relu,
    pool('pool1', 'ceil'),
    ...fires(2, 4),
    pool('pool4', 'ceil'),
    ...fires(5, 8),
    pool('pool8', 'ceil'),
    ...fires(9, 9),
  ],
  '1.1': [
    { kind: 'conv2d', name: 'conv1', filters: 64, kernelSize: 3, stride: 2 },
    relu,
    pool('pool1', 'floor'),
    ...fires(2, 3),
    pool('pool3', 'floor'),
    ...fires(4, 5),
    pool('pool5', 'floor'),
    ...fires(6, 9),
  ],
};

const PREPROCESS: Readonly<Record<'1.0' | '1.1', Preprocess>> = {
  '1.0': { resize: 256, channelOrder: 'bgr', mean: [104, 117, 123] },
  '1.1': { resize: 256, scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};
