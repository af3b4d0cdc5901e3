import { elementCount, type Layer, type LayerKind, type Preprocess, type Shape } from '@pare/core';

/** A step of a network: a layer, by what remains to say once shapes and names are derived, or a block of several. */
export type Step = LayerStep | Block;

/** Makes the layers of a block that takes the output of `source`. Its own output is its last layer's. See `fire`. */
export type Block = (source: Layer) => readonly Layer[];

/** A layer that follows another. */
export type LayerStep =
  | {
      readonly kind: 'conv2d';
      readonly name: string;
      readonly filters: number;
      readonly kernelSize: number;
      readonly stride?: number;
      readonly padding?: number;
      readonly groups?: number;
    }
  | { readonly kind: 'dense'; readonly name: string; readonly units: number }
  | {
      readonly kind: 'pool';
      readonly name: string;
      readonly mode?: 'max' | 'average';
      /** `'global'`: all of the map, however large. */
      readonly size: number | 'global';
      readonly stride?: number;
      /** On all four sides; default 0. */
      readonly padding?: number;
      readonly rounding?: 'floor' | 'ceil';
    }
  | {
      readonly kind: 'lrn';
      readonly name: string;
      /** Channels summed over; default 5, and `alpha` 1e-4, `beta` 0.75, `k` 1, as in Caffe's AlexNet. */
      readonly size?: number;
      readonly alpha?: number;
      readonly beta?: number;
      readonly k?: number;
    }
  | { readonly kind: 'relu' | 'flatten' | 'softmax'; readonly name: string };

/**
 * Lays out steps one after the other, deriving every shape and naming weights `<layer>/kernel` and `<layer>/bias`.
 *
 * Convolution output: ⌊(H + 2·padding − R) / stride⌋ + 1, and for pools rounded as they say, where a window that would start
 * beyond the input is left out (as Caffe does).
 *
 * @param inputShape - `[C, H, W]` or `[C]`
 * @throws RangeError if a layer does not fit its input, or a number of it is none that a layer can have, naming the layer
 * @example
 * sequence([1, 28, 28], [{ kind: 'pool', name: 'pool1', size: 2 }]).at(-1)?.outputShape // [1, 14, 14]
 */
export function sequence(inputShape: Shape, steps: readonly Step[], preprocess?: Preprocess): Layer[] {
  const input: Layer = {
    kind: 'input',
    name: 'data',
    inputs: [],
    outputShape: inputShape,
    ...(preprocess && { preprocess }),
  };
  return [input, ...follow(input, steps)];
}

/**
 * Lays out steps after a layer: what `sequence` does, for the branches of a block.
 *
 * @throws as `sequence`
 * @example
 * const data = sequence([3, 8, 8], [])[0];
 * follow(data, [{ kind: 'relu', name: 'relu1' }, { kind: 'flatten', name: 'flat' }]).at(-1)?.outputShape // [192]
 */
export function follow(source: Layer, steps: readonly Step[]): Layer[] {
  const layers: Layer[] = [];
  for (const step of steps) {
    const before = layers.at(-1) ?? source;
    layers.push(...(typeof step === 'function' ? step(before) : [layerAfter(before, step)]));
  }
  return layers;
}

function layerAfter({ name: input, outputShape: shape }: Layer, step: LayerStep): Layer {
  const { name } = step;
  checkCounts(step);
  const base = { name, inputs: [input] };
  switch (step.kind) {
    case 'conv2d': {
      const [channels, height, width] = spatial(step.kind, name, shape);
      const { filters, kernelSize, stride = 1, padding = 0, groups = 1 } = step;
      if (channels % groups || filters % groups) {
        throw new RangeError(
          `sequence: "${name}" expected groups that divide ${channels} and ${filters} channels, got ${groups}`,
        );
      }
      const extent = (size: number): number => windows(name, size + 2 * padding, kernelSize, stride, 'floor');
      return {
        ...base,
        kind: 'conv2d',
        kernel: `${name}/kernel`,
        bias: `${name}/bias`,
        filters,
        kernelSize: [kernelSize, kernelSize],
        stride: [stride, stride],
        padding: [padding, padding, padding, padding],
        groups,
        outputShape: [filters, extent(height), extent(width)],
      };
    }
    case 'pool': {
      const [channels, height, width] = spatial(step.kind, name, shape);
      const { mode = 'max', padding = 0, rounding = 'floor' } = step;
      const size = step.size === 'global' ? ([height, width] as const) : ([step.size, step.size] as const);
      const stride = step.stride === undefined ? size : ([step.stride, step.stride] as const);
      return {
        ...base,
        kind: 'pool',
        mode,
        size,
        stride,
        padding: [padding, padding, padding, padding],
        rounding,
        outputShape: [
          channels,
          windows(name, height + 2 * padding, size[0], stride[0], rounding),
          windows(name, width + 2 * padding, size[1], stride[1], rounding),
        ],
      };
    }
    case 'dense':
      return {
        ...base,
        kind: 'dense',
        kernel: `${name}/kernel`,
        bias: `${name}/bias`,
        units: step.units,
        outputShape: [step.units],
      };
    case 'lrn': {
      const { size = 5, alpha = 1e-4, beta = 0.75, k = 1 } = step;
      spatial(step.kind, name, shape);
      return { ...base, kind: 'lrn', size, alpha, beta, k, outputShape: shape };
    }
    case 'flatten':
      return { ...base, kind: 'flatten', outputShape: [elementCount(shape)] };
    default:
      return { ...base, kind: step.kind, outputShape: shape };
  }
}

/** What is counted in filters, units, channels and pixels is whole, and but for padding at least one. */
function checkCounts({ name, ...step }: LayerStep): void {
  for (const [option, value] of Object.entries(step)) {
    const least = option === 'padding' ? 0 : 1;
    if (!COUNTS.includes(option) || value === 'global' || (Number.isSafeInteger(value) && value >= least)) continue;
    throw new RangeError(`sequence: "${option}" of "${name}" expected a whole number ≥ ${least}, got ${value}`);
  }
}

const COUNTS: readonly string[] = ['filters', 'units', 'kernelSize', 'size', 'stride', 'padding', 'groups'];

function spatial(kind: LayerKind, name: string, shape: Shape): readonly [number, number, number] {
  const [channels, height, width] = shape;
  if (shape.length !== 3 || channels === undefined || height === undefined || width === undefined) {
    throw new RangeError(`sequence: ${kind} "${name}" expected a [C, H, W] input, got [${shape.join(', ')}]`);
  }
  return [channels, height, width];
}

function windows(name: string, length: number, size: number, stride: number, rounding: 'floor' | 'ceil'): number {
  if (size > length)
    throw new RangeError(`sequence: "${name}" has a window of ${size}, larger than its input of ${length}`);
  let count = Math[rounding]((length - size) / stride) + 1;
  if ((count - 1) * stride >= length) count--; // the last window would lie wholly outside
  return count;
}
