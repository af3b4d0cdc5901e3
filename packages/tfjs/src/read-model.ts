import { checkModel, denseWeight, elementCount, type Layer, type Model, type Shape, type Weight } from '@pare/core';
import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { denseFromTfjs, kernelFromTfjs } from './layouts.ts';

/**
 * Reads a tf.LayersModel into a Model, weights and all; its topology is carried along unchanged.
 *
 * Activations inside layers become layers of their own (`<layer>/relu`), "same" padding becomes numbers, drop-out is left
 * out (it does nothing outside training), and what was flattened is put into the house's order. Zero padding becomes part of
 * the convolution that follows.
 *
 * @throws RangeError if a layer is of a kind that a Model cannot hold yet, keeps channels first, pads what is no convolution's
 * input, or is used twice, naming it
 * @example
 * // const model = readLayersModel(await tf.loadLayersModel('file://model.json'))
 */
export function readLayersModel(source: tfl.LayersModel): Model {
  const layers: Layer[] = [];
  const weights: Weight[] = [];
  // By tfjs layer: the name of our layer that makes its output, and what was flattened on the way there, if anything.
  const made = new Map<string, { readonly name: string; readonly flattened?: Shape; readonly padding?: Padding }>();
  const shapeOf = new Map<string, Shape>();
  const push = (layer: Layer): string => {
    layers.push(layer);
    shapeOf.set(layer.name, layer.outputShape);
    return layer.name;
  };
  for (const layer of source.layers) {
    const kind = layer.getClassName();
    const config = layer.getConfig() as Config;
    if (config.dataFormat === 'channelsFirst') unsupported(layer.name, 'the data format "channelsFirst"');
    const outputShape = channelsFirst(layer.name, layer.outputShape);
    if (kind === 'InputLayer') {
      made.set(layer.name, { name: push({ kind: 'input', name: layer.name, inputs: [], outputShape }) });
      continue;
    }
    if (!made.size) {
      // A Sequential model keeps its input to itself.
      const name = 'data';
      push({
        kind: 'input',
        name,
        inputs: [],
        outputShape: channelsFirst(layer.name, layer.inboundNodes[0]!.inputShapes[0]!),
      });
      made.set('', { name });
    }
    const from = inputOf(layer, made);
    if (from.padding && !['Conv2D', 'ZeroPadding2D', 'Dropout'].includes(kind)) {
      unsupported(layer.name, `zero padding before a layer of class ${kind}`);
    }
    const inputs = [from.name];
    const inputShape = shapeOf.get(from.name)!;
    const base = { name: layer.name, inputs, outputShape };
    const [kernel, bias] = layer.getWeights();
    const named = bias
      ? { kernel: `${layer.name}/kernel`, bias: `${layer.name}/bias` }
      : { kernel: `${layer.name}/kernel` };
    const addBias = (): void => {
      if (bias) weights.push(denseWeight(`${layer.name}/bias`, [bias.size], numbers(bias)));
    };
    let name = layer.name;
    switch (kind) {
      case 'Conv2D': {
        rejectDilation(layer.name, config);
        const [r, s, c, k] = kernel!.shape as [number, number, number, number];
        weights.push(denseWeight(named.kernel, [k, c, r, s], kernelFromTfjs(numbers(kernel!), [r, s, c, k])));
        addBias();
        const stride = pair(config.strides);
        const [top, bottom, left, right] = from.padding ?? [0, 0, 0, 0];
        const [, height, width] = inputShape as [number, number, number];
        const padded = [c, height + top + bottom, width + left + right];
        const padding = add(from.padding, samePadding(config.padding, padded, [r, s], stride));
        push({ ...base, kind: 'conv2d', ...named, filters: k, kernelSize: [r, s], stride, padding, groups: 1 });
        break;
      }
      case 'Dense': {
        const [c, k] = kernel!.shape as [number, number];
        const [channels = c, ...spatial] = from.flattened ?? [c];
        weights.push(
          denseWeight(named.kernel, [k, c], denseFromTfjs(numbers(kernel!), k, channels, elementCount(spatial))),
        );
        addBias();
        push({ ...base, kind: 'dense', ...named, units: k });
        break;
      }
      case 'MaxPooling2D':
      case 'AveragePooling2D': {
        const size = pair(config.poolSize);
        const stride = pair(config.strides);
        const padding = samePadding(config.padding, inputShape, size, stride);
        if (kind === 'AveragePooling2D' && padding.some(Boolean))
          unsupported(layer.name, 'average pooling with padding "same"');
        push({
          ...base,
          kind: 'pool',
          mode: kind === 'MaxPooling2D' ? 'max' : 'average',
          size,
          stride,
          padding,
          rounding: 'floor',
        });
        break;
      }
      case 'Flatten':
        made.set(layer.name, { name: push({ ...base, kind: 'flatten' }), flattened: inputShape });
        continue;
      case 'ZeroPadding2D': {
        const [[top, bottom], [left, right]] = config.padding as [[number, number], [number, number]];
        made.set(layer.name, { name: from.name, padding: add(from.padding, [top, bottom, left, right]) });
        continue;
      }
      case 'Dropout':
        made.set(layer.name, from);
        continue;
      case 'ReLU':
        if (config.maxValue != null) unsupported(layer.name, `a ReLU capped at ${config.maxValue}`);
        push({ ...base, kind: 'relu' });
        break;
      case 'Softmax':
        push({ ...base, kind: 'softmax' });
        break;
      case 'Activation':
        name = activation(layer.name, config.activation, inputs, outputShape, push) ?? from.name;
        made.set(layer.name, { ...from, name });
        continue;
      default:
        unsupported(layer.name, `a layer of class ${kind}`);
    }
    if (kind === 'Conv2D' || kind === 'Dense') {
      name =
        activation(`${layer.name}/${config.activation}`, config.activation, [layer.name], outputShape, push) ??
        layer.name;
    }
    // What follows a flatten one to one (ReLU and the like) is still in that order; a dense layer ends it.
    made.set(layer.name, { name, ...(from.flattened && kind !== 'Dense' && { flattened: from.flattened }) });
  }
  for (const { sourceLayer } of source.outputs) {
    if (made.get(sourceLayer.name)?.padding) unsupported(sourceLayer.name, 'zero padding at the end');
  }
  const model: Model = { name: source.name, layers, weights, topology: source.toJSON(undefined, false), history: [] };
  checkModel(model);
  return model;
}

type Padding = readonly [number, number, number, number];
type Config = { readonly [key: string]: unknown };

function inputOf<T>(layer: tfl.layers.Layer, made: ReadonlyMap<string, T>): T {
  const [node, another] = layer.inboundNodes;
  if (!node || another) unsupported(layer.name, 'a layer used more than once');
  if (node.inboundLayers.length > 1) unsupported(layer.name, 'a layer with several inputs');
  const source = made.get(node.inboundLayers[0]?.name ?? '') ?? made.get('');
  if (!source)
    throw new RangeError(`readLayersModel: layer "${layer.name}" takes an input that no layer before it makes`);
  return source;
}

function activation(
  name: string,
  kind: unknown,
  inputs: readonly string[],
  outputShape: Shape,
  push: (layer: Layer) => string,
): string | undefined {
  if (kind === 'linear' || kind == null) return undefined;
  if (kind !== 'relu' && kind !== 'softmax') unsupported(name, `the activation "${kind}"`);
  return push({ kind, name, inputs, outputShape });
}

function unsupported(name: string, what: string): never {
  throw new RangeError(`readLayersModel: layer "${name}": ${what} is not supported yet`);
}

function rejectDilation(name: string, config: Config): void {
  const dilation = config.dilationRate as number | readonly number[] | undefined;
  if ([dilation ?? 1].flat().some((rate) => rate !== 1)) unsupported(name, `a dilation of ${dilation}`);
}

/** The zeros that "same" adds: enough for ⌈H / stride⌉ windows, the odd one below and to the right. */
function samePadding(
  mode: unknown,
  [, height = 1, width = 1]: Shape,
  size: readonly number[],
  stride: readonly number[],
): Padding {
  if (mode !== 'same') return [0, 0, 0, 0];
  const [vertical, horizontal] = [height, width].map((length, axis) => {
    const windows = Math.ceil(length / stride[axis]!);
    return Math.max(0, (windows - 1) * stride[axis]! + size[axis]! - length);
  }) as [number, number];
  return [vertical >> 1, vertical - (vertical >> 1), horizontal >> 1, horizontal - (horizontal >> 1)];
}

const add = (a: Padding | undefined, b: Padding): Padding =>
  a ? [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]] : b;
const numbers = (tensor: tf.Tensor): Float32Array => tensor.dataSync<'float32'>().slice();
const pair = (value: unknown): [number, number] =>
  Array.isArray(value) ? [value[0], value[1]] : [value as number, value as number];

function channelsFirst(name: string, shape: unknown): Shape {
  const [, ...extents] = shape as (number | null)[];
  if (extents.some((extent) => extent === null || extent === undefined))
    unsupported(name, `an unknown extent in shape [${shape}]`);
  const [h, w, c] = extents as number[];
  return extents.length === 3 ? [c!, h!, w!] : (extents as number[]);
}
