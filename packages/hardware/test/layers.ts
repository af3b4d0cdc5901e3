import type { Conv2dLayer, DenseLayer, Workload } from '@pare/core';

/** A convolution as a workload: what is not said is one, dense and of 16 bits. */
export function convolution(
  name: string,
  inputShape: readonly [number, number, number],
  {
    filters = 1,
    kernelSize = 1,
    stride = 1,
    padding = 0,
    groups = 1,
  }: Partial<Record<'filters' | 'kernelSize' | 'stride' | 'padding' | 'groups', number>>,
  rest: Partial<Workload> = {},
): Workload {
  const [, height, width] = inputShape;
  const extent = (size: number) => Math.floor((size + 2 * padding - kernelSize) / stride) + 1;
  const layer: Conv2dLayer = {
    kind: 'conv2d',
    name,
    inputs: ['data'],
    outputShape: [filters, extent(height), extent(width)],
    kernel: `${name}/kernel`,
    filters,
    kernelSize: [kernelSize, kernelSize],
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
    groups,
  };
  return { layer, inputShape, ...DENSE, ...rest };
}

/** A dense layer as a workload. */
export function fullyConnected(name: string, channels: number, units: number, rest: Partial<Workload> = {}): Workload {
  const layer: DenseLayer = {
    kind: 'dense',
    name,
    inputs: ['data'],
    outputShape: [units],
    kernel: `${name}/kernel`,
    units,
  };
  return { layer, inputShape: [channels], ...DENSE, ...rest };
}

const DENSE = {
  batch: 1,
  weightDensity: 1,
  weightBits: 16,
  inputDensity: 1,
  outputDensity: 1,
  activationBits: 16,
} as const;

/** The convolutions of AlexNet. */
export const alexnetConvolutions = (rest: (name: string) => Partial<Workload>): Workload[] => [
  convolution('conv1', [3, 227, 227], { filters: 96, kernelSize: 11, stride: 4 }, rest('conv1')),
  convolution('conv2', [96, 27, 27], { filters: 256, kernelSize: 5, padding: 2, groups: 2 }, rest('conv2')),
  convolution('conv3', [256, 13, 13], { filters: 384, kernelSize: 3, padding: 1 }, rest('conv3')),
  convolution('conv4', [384, 13, 13], { filters: 384, kernelSize: 3, padding: 1, groups: 2 }, rest('conv4')),
  convolution('conv5', [384, 13, 13], { filters: 256, kernelSize: 3, padding: 1, groups: 2 }, rest('conv5')),
];
