import type { Shape } from './weight.ts';

interface LayerBase {
  readonly name: string;
  /** Names of the layers whose outputs it takes, in order. */
  readonly inputs: readonly string[];
  /** Of one example, channels first: `[C, H, W]` or `[C]`. */
  readonly outputShape: Shape;
}

/** How raw data becomes the network's input: `x = (pixel · scale − mean_c) / std_c`. Travels in the file. */
export interface Preprocess {
  /** Multiplies each raw value, 0 … 255; default 1. */
  readonly scale?: number;
  /** Per channel, after scaling; default 0. */
  readonly mean?: readonly number[];
  /** Per channel, after scaling; default 1. */
  readonly std?: readonly number[];
}

export interface InputLayer extends LayerBase {
  readonly kind: 'input';
  readonly preprocess?: Preprocess;
}

/** Cross-correlation. `kernel` is `[filters, C / groups, R, S]`, `bias` `[filters]`. */
export interface Conv2dLayer extends LayerBase {
  readonly kind: 'conv2d';
  readonly kernel: string;
  readonly bias?: string;
  readonly filters: number;
  /** `[R, S]`: rows, columns. */
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Zeros added: `[top, bottom, left, right]`. */
  readonly padding: readonly [number, number, number, number];
  readonly groups: number;
}

/** `kernel` is `[units, C]`, its columns in the order in which a `[C, H, W]` input is laid out in memory; `bias` `[units]`. */
export interface DenseLayer extends LayerBase {
  readonly kind: 'dense';
  readonly kernel: string;
  readonly bias?: string;
  readonly units: number;
}

export interface PoolLayer extends LayerBase {
  readonly kind: 'pool';
  readonly mode: 'max' | 'average';
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  /** Whether a last, partial window counts: Caffe rounds up, most others down. */
  readonly rounding: 'floor' | 'ceil';
}

export interface ReluLayer extends LayerBase {
  readonly kind: 'relu';
}

/** Flattens `[C, H, W]` to `[C·H·W]`, in that order. */
export interface FlattenLayer extends LayerBase {
  readonly kind: 'flatten';
}

export interface SoftmaxLayer extends LayerBase {
  readonly kind: 'softmax';
}

/** One step of a network, by kind. Enough to build it, count its work, and print its table. */
export type Layer = InputLayer | Conv2dLayer | DenseLayer | PoolLayer | ReluLayer | FlattenLayer | SoftmaxLayer;
export type LayerKind = Layer['kind'];

/** What a tensor is to its layer. */
export type WeightRole = 'kernel' | 'bias';

/**
 * Lists the weights a layer names, kernel first.
 *
 * @example
 * weightNames({ kind: 'relu', name: 'relu1', inputs: ['ip1'], outputShape: [300] }) // []
 */
export function weightNames(layer: Layer): readonly { readonly role: WeightRole; readonly name: string }[] {
  if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return [];
  const kernel = { role: 'kernel', name: layer.kernel } as const;
  return layer.bias === undefined ? [kernel] : [kernel, { role: 'bias', name: layer.bias }];
}
