import { alexnet, googlenet, squeezenet, vgg16 } from '@pare/architectures';
import type { Workload } from '@pare/core';
import { type Densities, workloadsOf } from '@pare/hardware';

/** A network whose energy the literature has an idea of, with the densities and the batch it is priced at. */
export interface PricedNetwork {
  readonly name: string;
  readonly works: readonly Workload[];
  /** Multiply-accumulates of 16 bits an image, as the energy tool of MIT has it; null where it is not published. */
  readonly published: number | null;
  /** What our model gave when it was made, for the three ways of gating: a change of the code is seen by it. */
  readonly expected: Readonly<Record<'psum-always' | 'strict' | 'skip', number>>;
}

const ALEXNET_LAYERS = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8'];
const ALEXNET_INPUTS = [1, 0.613, 0.275, 0.207, 0.224, 0.289, 0.169, 0.188];
const ALEXNET_OUTPUTS = [0.49, 0.193, 0.276, 0.298, 0.095, 0.169, 0.188, 1];

/** Kept shares of AlexNet's layers. @see Han et al. 2015, table 4, in the form of Deep Compression */
const MAGNITUDE = [0.84, 0.38, 0.35, 0.37, 0.37, 0.09, 0.09, 0.25];
// The totals of non-skipped multiplications are published, the layers' densities are ours.
const ENERGY_AWARE = [0.17, 0.17, 0.17, 0.17, 0.17, 0.08, 0.08, 0.2];
const ALL = ALEXNET_LAYERS.map(() => 1);

const alexnetAt = (weights: readonly number[], batch = 44): Workload[] =>
  workloadsOf(alexnet(), {
    batch,
    densities: byLayer((i) => ({ weights: weights[i]!, inputs: ALEXNET_INPUTS[i]!, outputs: ALEXNET_OUTPUTS[i]! })),
  });

const byLayer = (densities: (index: number) => Densities): Record<string, Densities> =>
  Object.fromEntries(ALEXNET_LAYERS.map((name, i) => [name, densities(i)]));

/** AlexNet without pruning, at any batch. */
export const denseAlexnet = (batch: number): Workload[] => alexnetAt(ALL, batch);

const SQUEEZENET_DENSITIES = {
  squeeze: [0.5, 0.65],
  expand: [0.65, 0.4],
  conv1: [1, 0.5],
  conv10: [0.35, 0.5],
} as const;

function squeezenetAt(batch: number): Workload[] {
  return workloadsOf(squeezenet(), { batch }).map((work) => {
    const kind = (['squeeze', 'expand', 'conv10', 'conv1'] as const).find((word) => work.layer.name.includes(word))!;
    const [inputDensity, outputDensity] = SQUEEZENET_DENSITIES[kind];
    return { ...work, inputDensity, outputDensity };
  });
}

// Inputs of the convolutions: zeros as the chip counted them (JSSC, table VI); the dense layers' densities are EIE's, table III.
const VGG16_DENSITIES = [
  ...[0.016, 0.477, 0.248, 0.387, 0.397, 0.581, 0.587, 0.643, 0.747, 0.854, 0.794, 0.874, 0.885].map(
    (zeros) => 1 - zeros,
  ),
  ...[0.183, 0.375, 0.411],
];

/** VGG-16, a layer's output being the next one's input. */
export const vgg16At = (batch: number): Workload[] =>
  workloadsOf(vgg16(), { batch }).map((work, i) => ({
    ...work,
    inputDensity: VGG16_DENSITIES[i]!,
    outputDensity: VGG16_DENSITIES[i + 1] ?? 1,
  }));

const googlenetAt = (batch: number): Workload[] =>
  workloadsOf(googlenet(), { batch }).map((work, i, { length }) => ({
    ...work,
    inputDensity: i === 0 ? 1 : 0.47,
    outputDensity: i === length - 1 ? 1 : 0.45,
  }));

/**
 * The networks of the comparison. Published totals are quoted from memory; only their ratios were confirmed. Batches: 44 for AlexNet,
 * 48 for GoogLeNet and SqueezeNet, 3 for VGG-16.
 *
 * @see Yang, Chen, Sze 2017, table 1
 */
export const pricedNetworks = (): readonly PricedNetwork[] => [
  {
    name: 'AlexNet',
    works: alexnetAt(ALL),
    published: 3.97e9,
    expected: { 'psum-always': 3.82e9, strict: 3.05e9, skip: 2.66e9 },
  },
  {
    name: 'AlexNet, magnitude-pruned',
    works: alexnetAt(MAGNITUDE),
    published: 1.85e9,
    expected: { 'psum-always': 1.9e9, strict: 1.64e9, skip: 1.51e9 },
  },
  {
    name: 'AlexNet, energy-aware',
    works: alexnetAt(ENERGY_AWARE),
    published: 1.06e9,
    expected: { 'psum-always': 1e9, strict: 0.87e9, skip: 0.81e9 },
  },
  {
    name: 'GoogLeNet',
    works: googlenetAt(48),
    published: 7.63e9,
    expected: { 'psum-always': 9.15e9, strict: 7.6e9, skip: 6.83e9 },
  },
  {
    name: 'SqueezeNet v1.0',
    works: squeezenetAt(48),
    published: 5.28e9,
    expected: { 'psum-always': 5.83e9, strict: 5.26e9, skip: 4.97e9 },
  },
  {
    name: 'VGG-16',
    works: vgg16At(3),
    published: null,
    expected: { 'psum-always': 86e9, strict: 67.6e9, skip: 58.4e9 },
  },
];

/** Of GoogLeNet's energy: computation, weights, inputs, outputs. @see Yang, Chen, Sze 2017, section 5, from memory */
export const GOOGLENET_SPLIT = { computation: 0.1, weights: 0.22, inputs: 0.25, outputs: 0.43 } as const;
