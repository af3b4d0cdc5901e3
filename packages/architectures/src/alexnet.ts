import type { Layer } from '@pare/core';
import { sequence } from './sequence.ts';

export interface AlexnetOptions {
  /** Default 1000. */
  readonly classes?: number;
  /** Height and width of the input; default 227. */
  readonly side?: number;
  /** Whether it ends in probabilities; default false: in logits, as the other networks here. */
  readonly softmax?: boolean;
}

/**
 * Lists the layers of AlexNet as Caffe has it (`bvlc_alexnet`): 60,965,224 parameters. conv2, conv4 and conv5 work in two
 * groups, pools of 3 × 3 overlap, and conv1 and conv2 are normalised across channels before their pools.
 *
 * Dropout, which does nothing after training, is left out. The input is BGR of 0 … 255 minus the mean colour.
 *
 * @throws RangeError if `side` is too small, naming the layer that has no room
 * @example
 * layerTable(alexnet()).reduce((sum, { weights, biases }) => sum + weights + biases, 0) // 60965224
 * alexnet({ classes: 10 }).at(-1)?.outputShape // [10]
 * @see Krizhevsky, Sutskever, Hinton 2012; Caffe, models/bvlc_alexnet/deploy.prototxt
 */
export function alexnet({ classes = 1000, side = 227, softmax = false }: AlexnetOptions = {}): Layer[] {
  const pool = (name: string) => ({ kind: 'pool', name, size: 3, stride: 2, rounding: 'ceil' }) as const;
  const conv = (name: string, filters: number, kernelSize: number, groups: number) =>
    ({ kind: 'conv2d', name, filters, kernelSize, padding: (kernelSize - 1) / 2, groups }) as const;
  return sequence(
    [3, side, side],
    [
      { kind: 'conv2d', name: 'conv1', filters: 96, kernelSize: 11, stride: 4 },
      { kind: 'relu', name: 'relu1' },
      { kind: 'lrn', name: 'norm1' },
      pool('pool1'),
      conv('conv2', 256, 5, 2),
      { kind: 'relu', name: 'relu2' },
      { kind: 'lrn', name: 'norm2' },
      pool('pool2'),
      conv('conv3', 384, 3, 1),
      { kind: 'relu', name: 'relu3' },
      conv('conv4', 384, 3, 2),
      { kind: 'relu', name: 'relu4' },
      conv('conv5', 256, 3, 2),
      { kind: 'relu', name: 'relu5' },
      pool('pool5'),
      { kind: 'flatten', name: 'flatten' },
      { kind: 'dense', name: 'fc6', units: 4096 },
      { kind: 'relu', name: 'relu6' },
      { kind: 'dense', name: 'fc7', units: 4096 },
      { kind: 'relu', name: 'relu7' },
      { kind: 'dense', name: 'fc8', units: classes },
      ...(softmax ? [{ kind: 'softmax', name: 'prob' } as const] : []),
    ],
    { resize: 256, channelOrder: 'bgr', mean: [104, 117, 123] },
  );
}
