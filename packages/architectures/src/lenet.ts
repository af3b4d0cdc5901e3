import type { Layer } from '@pare/core';
import { sequence } from './sequence.ts';

// Both nets read MNIST's 28 × 28 pixels, 0 … 255, divided by 256 as in Caffe's example.
const PREPROCESS = { scale: 1 / 256 } as const;

/**
 * Lists the layers of LeNet-300-100: two hidden layers of 300 and 100 units, 266,610 parameters.
 *
 * @example
 * lenet300().map((layer) => layer.name).join(' ') // 'data flatten ip1 relu1 ip2 relu2 ip3'
 * @see LeCun, Bottou, Bengio, Haffner 1998, section III.C.5; as used by Han et al. 2015, table 2
 */
export const lenet300 = (): Layer[] =>
  sequence(
    [1, 28, 28],
    [
      { kind: 'flatten', name: 'flatten' },
      { kind: 'dense', name: 'ip1', units: 300 },
      { kind: 'relu', name: 'relu1' },
      { kind: 'dense', name: 'ip2', units: 100 },
      { kind: 'relu', name: 'relu2' },
      { kind: 'dense', name: 'ip3', units: 10 },
    ],
    PREPROCESS,
  );

/**
 * Lists the layers of Caffe's LeNet-5: 20 and 50 filters of 5 × 5, 500 hidden units, no ReLU after the convolutions;
 * 431,080 parameters.
 *
 * @example
 * lenet5().map((layer) => layer.name).join(' ') // 'data conv1 pool1 conv2 pool2 flatten ip1 relu1 ip2'
 * @see Caffe, examples/mnist/lenet.prototxt; as used by Han et al. 2015, table 3
 */
export const lenet5 = (): Layer[] =>
  sequence(
    [1, 28, 28],
    [
      { kind: 'conv2d', name: 'conv1', filters: 20, kernelSize: 5 },
      { kind: 'pool', name: 'pool1', size: 2 },
      { kind: 'conv2d', name: 'conv2', filters: 50, kernelSize: 5 },
      { kind: 'pool', name: 'pool2', size: 2 },
      { kind: 'flatten', name: 'flatten' },
      { kind: 'dense', name: 'ip1', units: 500 },
      { kind: 'relu', name: 'relu1' },
      { kind: 'dense', name: 'ip2', units: 10 },
    ],
    PREPROCESS,
  );
