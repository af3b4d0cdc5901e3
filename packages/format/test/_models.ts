import { type Layer, type Model, type Random, type Shape, type Shared, seededRandom, type Weight } from '@pare/core';

/** A shared form with a kept share of `density` and a codebook of `size` normal numbers. */
export function sharedForm(random: Random, shape: Shape, density: number, size: number): Shared {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const mask = Uint8Array.from({ length: count }, () => (random.float() < density ? 1 : 0));
  const codebook = Float32Array.from({ length: size }, () => random.normal());
  return { kind: 'shared', codebook, mask, indices: Uint16Array.from(mask, (kept) => kept * random.integer(size)) };
}

/** Caffe's LeNet-5 by shape, its weights sparse and shared by chance. */
export function lenet5(density = 0.05): Model {
  const random = seededRandom(5);
  const shared = (name: string, shape: Shape, size: number): Weight => ({
    name,
    shape,
    form: sharedForm(random.fork(name), shape, density, size),
  });
  return {
    layers: LENET5_LAYERS,
    weights: [
      shared('conv1/kernel', [20, 1, 5, 5], 16),
      shared('conv1/bias', [20], 8),
      shared('conv2/kernel', [50, 20, 5, 5], 16),
      shared('conv2/bias', [50], 8),
      shared('ip1/kernel', [500, 800], 8),
      shared('ip1/bias', [500], 8),
      shared('ip2/kernel', [10, 500], 8),
      shared('ip2/bias', [10], 4),
    ],
    history: [],
  };
}

const conv = (name: string, input: string, filters: number, outputShape: Shape): Layer => ({
  kind: 'conv2d',
  name,
  inputs: [input],
  outputShape,
  kernel: `${name}/kernel`,
  bias: `${name}/bias`,
  filters,
  kernelSize: [5, 5],
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  groups: 1,
});

const pool = (name: string, input: string, outputShape: Shape): Layer => ({
  kind: 'pool',
  name,
  inputs: [input],
  outputShape,
  mode: 'max',
  size: [2, 2],
  stride: [2, 2],
  padding: [0, 0, 0, 0],
  rounding: 'floor',
});

const dense = (name: string, input: string, units: number): Layer => ({
  kind: 'dense',
  name,
  inputs: [input],
  outputShape: [units],
  kernel: `${name}/kernel`,
  bias: `${name}/bias`,
  units,
});

export const LENET5_LAYERS: readonly Layer[] = [
  { kind: 'input', name: 'data', inputs: [], outputShape: [1, 28, 28], preprocess: { scale: 1 / 256 } },
  conv('conv1', 'data', 20, [20, 24, 24]),
  pool('pool1', 'conv1', [20, 12, 12]),
  conv('conv2', 'pool1', 50, [50, 8, 8]),
  pool('pool2', 'conv2', [50, 4, 4]),
  { kind: 'flatten', name: 'flatten', inputs: ['pool2'], outputShape: [800] },
  dense('ip1', 'flatten', 500),
  { kind: 'relu', name: 'relu1', inputs: ['ip1'], outputShape: [500] },
  dense('ip2', 'relu1', 10),
];
