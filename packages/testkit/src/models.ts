import {
  denseWeight,
  elementCount,
  type Form,
  type Layer,
  type Model,
  type Random,
  seededRandom,
  type Weight,
} from '@pare/core';
import fc from 'fast-check';
import { type BuiltInKind, maskedForm } from './forms.ts';
import type { HardCase } from './hard-cases.ts';

export interface NetworkOptions {
  /** Of the weights; default 1. */
  readonly seed?: number;
  /** Channels of the input; default 2. */
  readonly channels?: number;
  /** Height and width of the input, even; default 4. */
  readonly side?: number;
  /** Of the convolution; default 3. */
  readonly filters?: number;
  /** Of the hidden dense layer; default 5. */
  readonly hidden?: number;
  /** Of the last layer; default 3. */
  readonly classes?: number;
  /** The form of the kernels; default `'dense'`. Biases are dense. */
  readonly kind?: BuiltInKind;
}

/** Makes a small network with one layer of each kind: conv, relu, pool, flatten, dense, relu, dense, softmax. */
export function smallNetwork(options: NetworkOptions = {}): Model {
  const { seed = 1, channels = 2, side = 4, filters = 3, hidden = 5, classes = 3, kind = 'dense' } = options;
  const random = seededRandom(seed);
  const half = side / 2;
  const flat = filters * half * half;
  const relu = (name: string, input: string, outputShape: readonly number[]): Layer => ({
    kind: 'relu',
    name,
    inputs: [input],
    outputShape,
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
  const kernel = (name: string, shape: readonly number[]): Weight => {
    const weight = normalWeight(random.fork(name), name, shape);
    return { ...weight, form: inKind(weight.form.values, kind, random.fork(`${name} mask`)) };
  };
  const bias = (name: string, length: number) => normalWeight(random.fork(name), name, [length]);
  return {
    name: 'small',
    layers: [
      { kind: 'input', name: 'data', inputs: [], outputShape: [channels, side, side] },
      {
        kind: 'conv2d',
        name: 'conv1',
        inputs: ['data'],
        outputShape: [filters, side, side],
        kernel: 'conv1/kernel',
        bias: 'conv1/bias',
        filters,
        kernelSize: [3, 3],
        stride: [1, 1],
        padding: [1, 1, 1, 1],
        groups: 1,
      },
      relu('relu1', 'conv1', [filters, side, side]),
      {
        kind: 'pool',
        name: 'pool1',
        inputs: ['relu1'],
        outputShape: [filters, half, half],
        mode: 'max',
        size: [2, 2],
        stride: [2, 2],
        padding: [0, 0, 0, 0],
        rounding: 'floor',
      },
      { kind: 'flatten', name: 'flat', inputs: ['pool1'], outputShape: [flat] },
      dense('ip1', 'flat', hidden),
      relu('relu2', 'ip1', [hidden]),
      dense('ip2', 'relu2', classes),
      { kind: 'softmax', name: 'prob', inputs: ['ip2'], outputShape: [classes] },
    ],
    weights: [
      kernel('conv1/kernel', [filters, channels, 3, 3]),
      bias('conv1/bias', filters),
      kernel('ip1/kernel', [hidden, flat]),
      bias('ip1/bias', hidden),
      kernel('ip2/kernel', [classes, hidden]),
      bias('ip2/bias', classes),
    ],
    history: [{ stage: 'retrain', options: { epochs: 1 } }],
  };
}

/** Generates small networks of various widths, their kernels in one of the given forms. */
export const smallNetworks = (kinds: readonly BuiltInKind[] = ['dense', 'masked']): fc.Arbitrary<Model> =>
  fc
    .record({
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      channels: fc.integer({ min: 1, max: 3 }),
      side: fc.constantFrom(2, 4),
      filters: fc.integer({ min: 1, max: 4 }),
      hidden: fc.integer({ min: 1, max: 6 }),
      classes: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom(...kinds),
    })
    .map(smallNetwork);

/**
 * Lists models that break careless stages: all-zero, one-element and all-equal layers, pruned-away layers, zeros of
 * both signs, no weights at all, weights that no layer names, layers without bias.
 */
export function hardModels(kinds: readonly BuiltInKind[] = ['dense', 'masked']): readonly HardCase<Model>[] {
  const model = smallNetwork();
  const bySeed = kinds.map((kind, seed) => ({ name: `${kind} kernels`, value: smallNetwork({ seed, kind }) }));
  const allPruned = (form: Form) =>
    'values' in form ? maskedForm(form.values, new Uint8Array(form.values.length)) : form;
  return [
    ...bySeed,
    { name: 'one element a layer', value: smallNetwork({ channels: 1, side: 2, filters: 1, hidden: 1, classes: 1 }) },
    { name: 'an all-zero layer', value: withValues(model, 'ip1/kernel', () => 0) },
    { name: 'an all-equal layer', value: withValues(model, 'ip1/kernel', () => 0.25) },
    { name: 'equal magnitudes', value: withValues(model, 'ip1/kernel', (i) => (i % 2 ? -0.5 : 0.5)) },
    { name: 'zeros of both signs', value: withValues(model, 'conv1/kernel', (i) => (i % 3 ? i - 20 : i % 2 ? -0 : 0)) },
    ...(kinds.includes('masked')
      ? [{ name: 'a layer pruned away', value: withForm(model, 'ip1/kernel', allPruned) }]
      : []),
    { name: 'no weights', value: { layers: model.layers.slice(0, 1), weights: [], history: [] } },
    { name: 'weights without layers', value: { layers: [], weights: model.weights, history: [] } },
    {
      name: 'layers without bias',
      value: {
        ...model,
        layers: model.layers.map((layer) => {
          if (layer.kind !== 'dense' && layer.kind !== 'conv2d') return layer;
          const { bias: _, ...rest } = layer;
          return rest;
        }),
        weights: model.weights.filter((weight) => weight.name.endsWith('/kernel')),
      },
    },
  ];
}

/** Returns a model with one weight dense and its values made anew from their indices. */
export const withValues = (model: Model, name: string, value: (index: number) => number): Model =>
  withForm(model, name, (form) => {
    const length = 'values' in form ? form.values.length : form.kind === 'shared' ? form.indices.length : 0;
    return { kind: 'dense', values: Float32Array.from({ length }, (_, i) => value(i)) };
  });

/** Returns a model with the form of one weight replaced. */
export const withForm = (model: Model, name: string, form: (before: Form) => Form): Model => ({
  ...model,
  weights: model.weights.map((weight) => (weight.name === name ? { ...weight, form: form(weight.form) } : weight)),
});

function normalWeight(random: Random, name: string, shape: readonly number[]) {
  const values = Float32Array.from({ length: elementCount(shape) }, () => 0.5 * random.normal());
  return denseWeight(name, shape, values);
}

function inKind(values: Float32Array, kind: BuiltInKind, random: Random): Form {
  if (kind === 'dense') return { kind, values };
  const mask = Uint8Array.from(values, () => (random.float() < 0.6 ? 1 : 0));
  if (kind === 'masked') return maskedForm(values, mask);
  const codebook = Float32Array.of(-0.75, -0.25, 0.3, 0.8);
  const indices = Uint16Array.from(mask, (bit) => (bit ? random.integer(codebook.length) : 0));
  return { kind, codebook, indices, mask };
}
