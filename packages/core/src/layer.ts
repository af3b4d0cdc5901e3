import { elementCount, type Shape } from './weight.ts';

interface LayerBase {
  readonly name: string;
  /** Names of the layers whose outputs it takes, in order. */
  readonly inputs: readonly string[];
  /** Of one example, channels first: `[C, H, W]` or `[C]`. */
  readonly outputShape: Shape;
}

/**
 * How raw data becomes the network's input: resize, crop, order the channels, then `x = (pixel · scale − mean_c) / std_c`.
 * Travels in the file.
 */
export interface Preprocess {
  /** Pixels the shorter side is resized to, keeping the aspect ratio; default: not resized. */
  readonly resize?: number;
  /** `[height, width]` of the centre that is cut out after resizing; default: the input layer's own. */
  readonly crop?: readonly [number, number];
  /** Default `'rgb'`. */
  readonly channelOrder?: 'rgb' | 'bgr';
  /** Multiplies each raw value, 0 … 255; default 1. */
  readonly scale?: number;
  /** Per channel in the network's order, after scaling; default 0. */
  readonly mean?: readonly number[];
  /** Per channel in the network's order, after scaling; default 1. */
  readonly std?: readonly number[];
}

export interface InputLayer extends LayerBase {
  readonly kind: 'input';
  readonly preprocess?: Preprocess;
}

/** Cross-correlation. `kernel` is `[filters, C / groups, R, S]`, `bias` `[filters]`; depthwise where `groups` = C. */
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
  /** `[rows, columns]` between taps; default `[1, 1]`: none left out. */
  readonly dilation?: readonly [number, number];
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

/** Any other function of one number at a time. */
export interface ActivationLayer extends LayerBase {
  readonly kind: 'activation';
  readonly function:
    | 'relu6'
    | 'sigmoid'
    | 'tanh'
    | 'elu'
    | 'hardSigmoid'
    | 'hardSwish'
    | 'swish'
    | 'gelu'
    | 'leakyRelu';
  /** Slope below zero of `leakyRelu`, scale of `elu`, slope of `hardSigmoid` = clip(alpha·x + ½); default 0.01, 1 and 0.2. */
  readonly alpha?: number;
}

/** Local response normalisation across channels: `y = x / (k + alpha/size · Σ x²)^beta`, the sum over `size` channels around. */
export interface LrnLayer extends LayerBase {
  readonly kind: 'lrn';
  /** Channels summed over, odd. */
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** `y = gamma · (x − mean) / √(variance + epsilon) + beta`, per channel; all weights `[C]`. */
export interface BatchnormLayer extends LayerBase {
  readonly kind: 'batchnorm';
  readonly mean: string;
  readonly variance: string;
  /** Default: 1 for every channel. */
  readonly gamma?: string;
  /** Default: 0 for every channel. */
  readonly beta?: string;
  readonly epsilon: number;
}

/** Adds its inputs, element by element. */
export interface AddLayer extends LayerBase {
  readonly kind: 'add';
}

/** Puts its inputs one behind the other along the channels. */
export interface ConcatLayer extends LayerBase {
  readonly kind: 'concat';
}

/** What none of the others can say: it is named, keeps its place and its weights, and cannot be run here. */
export interface ForeignLayer extends LayerBase {
  readonly kind: 'foreign';
  /** What its own world calls it: `'Einsum'`, `'LSTM'`. */
  readonly operation: string;
  /** Names of its weights. */
  readonly weights?: readonly string[];
}

/** One step of a network, by kind. Enough to build it, count its work, and print its table. */
export type Layer =
  | InputLayer
  | Conv2dLayer
  | DenseLayer
  | PoolLayer
  | ReluLayer
  | FlattenLayer
  | SoftmaxLayer
  | ActivationLayer
  | LrnLayer
  | BatchnormLayer
  | AddLayer
  | ConcatLayer
  | ForeignLayer;
export type LayerKind = Layer['kind'];

/** What a tensor is to its layer. A foreign layer's weights are `'other'`. */
export type WeightRole = 'kernel' | 'bias' | 'gamma' | 'beta' | 'mean' | 'variance' | 'other';

/**
 * Lists the weights a layer names, kernel first.
 *
 * @example
 * weightNames({ kind: 'relu', name: 'relu1', inputs: ['ip1'], outputShape: [300] }) // []
 */
export function weightNames(layer: Layer): readonly { readonly role: WeightRole; readonly name: string }[] {
  switch (layer.kind) {
    case 'conv2d':
    case 'dense':
      return named(['kernel', layer.kernel], ['bias', layer.bias]);
    case 'batchnorm': {
      const { gamma, beta, mean, variance } = layer;
      return named(['gamma', gamma], ['beta', beta], ['mean', mean], ['variance', variance]);
    }
    case 'foreign':
      return named(...(layer.weights ?? []).map((name) => ['other', name] as const));
    default:
      return [];
  }
}

const named = (...weights: readonly (readonly [WeightRole, string | undefined])[]) =>
  weights.flatMap(([role, name]) => (name === undefined ? [] : [{ role, name }]));

/**
 * The shape that a layer's kernel has: `[filters, C / groups, R, S]`, or `[units, C·H·W]`.
 *
 * @param inputShape - of one example: `[C, H, W]` or `[C]`
 * @example
 * kernelShape({ kind: 'dense', name: 'ip1', inputs: ['pool2'], outputShape: [500], units: 500, kernel: 'ip1/kernel' }, [50, 4, 4]) // [500, 800]
 */
export function kernelShape(layer: Conv2dLayer | DenseLayer, inputShape: Shape): readonly [number, ...number[]] {
  return layer.kind === 'dense'
    ? [layer.units, elementCount(inputShape)]
    : [layer.filters, (inputShape[0] ?? 0) / layer.groups, ...layer.kernelSize];
}
