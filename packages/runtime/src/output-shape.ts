import { elementCount, type Layer, type PoolLayer, type Shape } from '@pare/core';
import { outputSize } from '@pare/sparse-kernels';
import { isActivation } from './activations.ts';
import { NetworkError } from './network-error.ts';

/**
 * Derives what shape a layer's output has from those of its inputs.
 *
 * Convolutions as `outputSize` of the kernels; pools are rounded as they say, and where they round up, a window that would start beyond
 * the input is left out (as Caffe does).
 *
 * @param inputs - shapes of the layers that it takes, in order
 * @throws NetworkError `'shape'`, `'inputs'` or `'unknown-kind'`, naming the layer
 * @example
 * outputShape({ kind: 'concat', name: 'both', inputs: ['a', 'b'], outputShape: [5, 2, 2] }, [[2, 2, 2], [3, 2, 2]]) // [5, 2, 2]
 */
export function outputShape(layer: Layer, inputs: readonly Shape[]): Shape {
  checkInputCount(layer, inputs.length);
  const [first = []] = inputs;
  switch (layer.kind) {
    case 'input':
      return layer.outputShape;
    case 'conv2d': {
      const [channels, height, width] = planes(layer, first);
      const { filters, kernelSize, stride, padding, groups, dilation = [1, 1] } = layer;
      expectList(layer, 'kernelSize', 2, 1, kernelSize);
      expectList(layer, 'stride', 2, 1, stride);
      expectList(layer, 'dilation', 2, 1, dilation);
      expectList(layer, 'padding', 4, 0, padding);
      expectWhole(layer, 'groups', 1, groups);
      expectWhole(layer, 'filters', 1, filters);
      if (channels % groups || filters % groups) {
        fail(layer, `"groups" expected to divide ${channels} and ${filters} channels, got ${groups}`);
      }
      return positive(layer, [filters, ...outputSize({ ...layer, channels, height, width })]);
    }
    case 'pool': {
      const [channels, height, width] = planes(layer, first);
      expectList(layer, 'size', 2, 1, layer.size);
      expectList(layer, 'stride', 2, 1, layer.stride);
      expectList(layer, 'padding', 4, 0, layer.padding);
      if (layer.padding.some((cells, side) => cells >= layer.size[side >> 1]!)) {
        fail(layer, `"padding" expected less than the window's ${layer.size.join(' × ')}, got ${layer.padding}`);
      }
      return positive(layer, [channels, windows(layer, 0, height), windows(layer, 1, width)]);
    }
    case 'dense':
      expectWhole(layer, 'units', 1, layer.units);
      return [layer.units];
    case 'flatten':
      return [elementCount(first)];
    case 'lrn':
      planes(layer, first);
      expectWhole(layer, 'size', 1, layer.size);
      if (layer.size % 2 !== 1) fail(layer, `"size" expected odd, got ${layer.size}`);
      expectFinite(layer, layer.alpha, layer.beta, layer.k);
      return first;
    case 'batchnorm':
      expectFinite(layer, layer.epsilon);
      return first;
    case 'activation':
      if (!isActivation(layer.function)) {
        throw new NetworkError(
          'unknown-kind',
          layer.name,
          `expected a function that is known, got "${layer.function}"`,
        );
      }
      expectFinite(layer, layer.alpha ?? 0);
      return first;
    case 'relu':
    case 'softmax':
      return first;
    case 'add':
      for (const shape of inputs) {
        if (shape.join() !== first.join()) fail(layer, `expected inputs of one shape, got ${inputs.map(shown).join()}`);
      }
      return first;
    case 'concat': {
      const rest = (shape: Shape): string => shape.slice(1).join();
      for (const shape of inputs) {
        if (shape.length !== first.length || rest(shape) !== rest(first)) {
          fail(layer, `expected inputs that differ in channels alone, got ${inputs.map(shown).join()}`);
        }
      }
      return [inputs.reduce((sum, [channels = 0]) => sum + channels, 0), ...first.slice(1)];
    }
    case 'foreign':
      if (isIdentity(layer)) return first;
      throw new NetworkError('unknown-kind', layer.name, `expected a kind that can be run, got "${layer.operation}"`);
    default:
      // A file can name kinds that this version does not know.
      throw unknownKind(layer);
  }
}

/** What does nothing after training. */
export const isIdentity = (layer: Layer): boolean =>
  layer.kind === 'foreign' && ['Dropout', 'Identity'].includes(layer.operation) && !layer.weights?.length;

const unknownKind = ({ name, kind }: { readonly name: string; readonly kind: string }): NetworkError =>
  new NetworkError('unknown-kind', name, `expected a kind that can be run, got "${kind}"`);

function checkInputCount(layer: Layer, count: number): void {
  const [least, most] =
    layer.kind === 'input' ? [0, 0] : ['add', 'concat'].includes(layer.kind) ? [1, Infinity] : [1, 1];
  if (count >= least && count <= most) return;
  const expected = most === Infinity ? `at least ${least}` : `${least}`;
  throw new NetworkError('inputs', layer.name, `expected ${expected} input(s), got ${count}`);
}

function planes(layer: Layer, shape: Shape): readonly [number, number, number] {
  const [channels, height, width] = shape;
  if (shape.length !== 3) fail(layer, `expected a [C, H, W] input, got ${shown(shape)}`);
  return [channels!, height!, width!];
}

function windows({ name, size, stride, padding, rounding }: PoolLayer, axis: 0 | 1, length: number): number {
  const whole = length + padding[2 * axis]! + padding[2 * axis + 1]! - size[axis];
  const count = (rounding === 'ceil' ? Math.ceil : Math.floor)(whole / stride[axis]) + 1;
  if (whole < 0 && rounding === 'floor') {
    throw new NetworkError('shape', name, `has a window of ${size[axis]}, larger than its input of ${length}`);
  }
  const starts = (count - 1) * stride[axis];
  return rounding === 'ceil' && starts >= length + padding[2 * axis]! ? count - 1 : count;
}

function expectWhole(layer: Layer, what: string, least: number, value: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  fail(layer, `"${what}" expected a whole number ≥ ${least}, got ${value}`);
}

function expectList(layer: Layer, what: string, length: number, least: number, values: readonly number[]): void {
  if (!Array.isArray(values) || values.length !== length)
    fail(layer, `"${what}" expected ${length} numbers, got ${values}`);
  for (const value of values) expectWhole(layer, what, least, value);
}

function expectFinite(layer: Layer, ...values: readonly number[]): void {
  for (const value of values) if (!Number.isFinite(value)) fail(layer, `expected finite numbers, got ${value}`);
}

function positive(layer: Layer, shape: Shape): Shape {
  if (shape.some((extent) => !(extent >= 1)))
    fail(layer, `has no room in its input: its output would be ${shown(shape)}`);
  return shape;
}

function fail(layer: Layer, message: string): never {
  throw new NetworkError('shape', layer.name, message);
}

export const shown = (shape: Shape): string => `[${shape.join(', ')}]`;
