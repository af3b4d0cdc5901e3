import { elementCount, type Layer, type LayerKind, type Preprocess, type Shape } from '@pare/core';

/** A step of a network whose layers follow one another: what remains to say once shapes and names are derived. */
export type Step =
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
      readonly size: number;
      readonly stride?: number;
      readonly rounding?: 'floor' | 'ceil';
    }
  | { readonly kind: 'relu' | 'flatten' | 'softmax'; readonly name: string };

/**
 * Lays out layers one after the other, deriving every shape and naming weights `<layer>/kernel` and `<layer>/bias`.
 *
 * Convolution output: ⌊(H + 2·padding − R) / stride⌋ + 1, and for pools rounded as they say, where a window that would start
 * beyond the input is left out (as Caffe does).
 *
 * @param inputShape - `[C, H, W]` or `[C]`
 * @throws RangeError if a layer does not fit its input, naming the layer
 * @example
 * sequence([1, 28, 28], [{ kind: 'pool', name: 'pool1', size: 2 }]).at(-1)?.outputShape // [1, 14, 14]
 */
export function sequence(inputShape: Shape, steps: readonly Step[], preprocess?: Preprocess): Layer[] {
  const layers: Layer[] = [
    { kind: 'input', name: 'data', inputs: [], outputShape: inputShape, ...(preprocess && { preprocess }) },
  ];
  for (const step of steps) {
    const source = layers.at(-1)!;
    layers.push(layerAfter(source, step));
  }
  return layers;
}

function layerAfter({ name: input, outputShape: shape }: Layer, step: Step): Layer {
  const { name } = step;
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
      const { mode = 'max', size, stride = size, rounding = 'floor' } = step;
      const extent = (length: number): number => windows(name, length, size, stride, rounding);
      return {
        ...base,
        kind: 'pool',
        mode,
        size: [size, size],
        stride: [stride, stride],
        padding: [0, 0, 0, 0],
        rounding,
        outputShape: [channels, extent(height), extent(width)],
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
    case 'flatten':
      return { ...base, kind: 'flatten', outputShape: [elementCount(shape)] };
    default:
      return { ...base, kind: step.kind, outputShape: shape };
  }
}

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
