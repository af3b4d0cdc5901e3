import type { Layer, Shape } from '@pare/core';
import {
  expectList,
  expectNumber,
  expectObject,
  expectText,
  expectWhole,
  type JsonObject,
  own,
  unexpected,
} from './json.ts';
import { type Call, callIndex, callOf, endsOf, inOrder } from './keras-calls.ts';
import { activationName, activationOf, isOne, pairOf, rectifierOf, windowOf, zerosOf } from './keras-settings.ts';
import { Network, type Operation, type Value } from './network.ts';
import type { Placement } from './placements.ts';
import { MOST_EXTENTS } from './shapes.ts';
import type { Extent, Window } from './window.ts';

/** What a topology says, in the house's words. */
export interface ReadTopology {
  readonly name?: string;
  readonly layers: readonly Layer[];
  /** Which weight each tensor becomes. */
  readonly placements: ReadonlyMap<string, Placement>;
  readonly notes: readonly string[];
}

/** Models within models are read to this depth. */
const DEEPEST = 16;

/**
 * Reads a Keras topology, as `model.json` of a layers model or a Keras file has it, into layers.
 *
 * Activations inside layers become layers of their own (`<layer>/relu`), "same" padding becomes numbers, drop-out is left out
 * (it does nothing outside training), zero padding becomes part of what follows, models within the model are unrolled, and
 * what was flattened is put into the house's order. What cannot be represented becomes a foreign layer and a note.
 *
 * @param topology - of class Sequential, Functional or Model; or an object that holds one as `model_config`
 * @param tensors - shapes of the weights by name, which is that of the layer and `/kernel`, `/bias`, `/moving_mean`, …
 * @throws CorruptDataError if it is no such topology
 */
export function readKerasLayers(topology: unknown, tensors: ReadonlyMap<string, Shape>): ReadTopology {
  const config = own(topology, 'model_config') ?? topology;
  const network = new Network(tensors);
  network.finish(new Reader(network, tensors).model(config, [], 0));
  const name = own(own(config, 'config'), 'name');
  const { layers, placements, notes } = network;
  return { ...(typeof name === 'string' && { name }), layers, placements, notes };
}

/** One layer of a configuration, its defaults aside. */
interface Entry {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  readonly where: string;
}

class Reader {
  readonly #network: Network;
  readonly #tensors: ReadonlyMap<string, Shape>;

  constructor(network: Network, tensors: ReadonlyMap<string, Shape>) {
    this.#network = network;
    this.#tensors = tensors;
  }

  /** @returns the values of its outputs */
  model(topology: unknown, inputs: readonly Value[], depth: number): readonly Value[] {
    const { class_name: className, config } = expectObject(topology, 'modelTopology');
    if (depth > DEEPEST) unexpected('modelTopology', `at most ${DEEPEST} models within one another`, className);
    if (className === 'Sequential') return this.#sequential(config, inputs, depth);
    if (className === 'Functional' || className === 'Model') return this.#functional(config, inputs, depth);
    return unexpected('modelTopology.class_name', 'Sequential, Functional or Model', className);
  }

  #sequential(config: unknown, inputs: readonly Value[], depth: number): readonly Value[] {
    const layers = expectList(Array.isArray(config) ? config : own(config, 'layers'), 'modelTopology.config.layers');
    let [value] = inputs;
    for (const [i, item] of layers.entries()) {
      const entry = entryOf(item, `modelTopology.config.layers[${i}]`);
      if (entry.className === 'InputLayer') {
        value ??= this.#input(entry);
        continue;
      }
      // A Sequential model may keep its input to itself.
      value ??= this.#network.input('data', batchShape(innermost(entry)));
      [value] = this.#layer(entry, [value], entry.name, depth);
    }
    return value ? [value] : [];
  }

  #functional(given: unknown, inputs: readonly Value[], depth: number): readonly Value[] {
    const config = expectObject(given, 'modelTopology.config');
    const items = expectList(config.layers, 'modelTopology.config.layers');
    const entries = new Map<string, Entry & { readonly calls: readonly Call[] }>();
    for (const [i, item] of items.entries()) {
      const entry = entryOf(item, `modelTopology.config.layers[${i}]`);
      // Calls name layers by this name, which stands beside the configuration.
      const name = expectText(own(item, 'name') ?? entry.name, `${entry.where}.name`);
      if (entries.has(name)) unexpected(entry.where, 'a name of its own', name);
      const calls = expectList(own(item, 'inbound_nodes') ?? [], `${entry.where}.inbound_nodes`).map((node, n) =>
        callOf(node, `${entry.where}.inbound_nodes[${n}]`),
      );
      entries.set(name, { ...entry, name, calls });
    }
    const inputNames = endsOf(config.input_layers, 'input_layers').map(([name]) => name);
    const made = new Map<string, readonly Value[]>(); // by layer and call
    const keyOf = (name: string, node: number): string => JSON.stringify([name, callIndex(entries.get(name), node)]);
    for (const [name, node] of inOrder(entries)) {
      const entry = entries.get(name)!;
      const call = entry.calls[node];
      if (!call) {
        const outer = inputs[inputNames.indexOf(name)];
        made.set(keyOf(name, node), outer ? [outer] : [this.#input(entry)]);
        continue;
      }
      const values = call.flatMap(([from, of, output]) => {
        const outputs = made.get(keyOf(from, of));
        return outputs?.[output] ?? outputs?.[0] ?? [];
      });
      made.set(keyOf(name, node), this.#layer(entry, values, node === 0 ? name : `${name}/${node}`, depth));
    }
    return endsOf(config.output_layers, 'output_layers').flatMap(([name, node, output]) => {
      const value = made.get(keyOf(name, node))?.[output];
      return value ? [value] : [];
    });
  }

  #input(entry: Entry): Value {
    return this.#network.input(entry.name, batchShape(entry));
  }

  /** @param name - that of the layer, or of a further use of it */
  #layer(entry: Entry, inputs: readonly Value[], name: string, depth: number): readonly Value[] {
    const { className, config, where } = entry;
    if (className === 'Sequential' || className === 'Functional' || className === 'Model') {
      return this.model({ class_name: className, config }, inputs, depth + 1);
    }
    const network = this.#network;
    const tensors = this.#tensorsOf(entry.name);
    const operation: Operation = { name, operation: className, inputs, tensors: [...tensors.values()] };
    const tensor = (role: string): string | undefined => tensors.get(role);
    const foreign = (shape?: readonly Extent[], reason?: string): readonly Value[] => [
      network.foreign(operation, shape, reason),
    ];
    if (config.data_format === 'channels_first') return foreign(undefined, 'its channels come first');
    const activated = (value: Value): readonly Value[] => {
      const kind = activationName(config.activation);
      if (kind === 'linear') return [value];
      const inner = { ...operation, operation: `Activation ${kind}`, inputs: [value], tensors: [] };
      return [network.activation(inner, activationOf(kind), `${name}/${kind}`)];
    };
    const convolution = (
      role: string,
      options: Window,
      depthwise: boolean,
      bias: string | undefined,
      called = name,
    ): Value => {
      const kernel = tensor(role);
      if (kernel === undefined) return network.foreign(operation, undefined, `"${entry.name}/${role}" is not there`);
      return network.convolution({ ...operation, name: called }, { ...options, kernel, bias, depthwise });
    };
    switch (className) {
      case 'Conv2D': {
        if (!isOne(config.groups)) return foreign(undefined, 'tfjs has no groups');
        return activated(convolution('kernel', windowOf(config, where), false, tensor('bias')));
      }
      case 'DepthwiseConv2D':
        return activated(
          convolution(
            tensor('depthwise_kernel') === undefined ? 'kernel' : 'depthwise_kernel',
            windowOf(config, where),
            true,
            tensor('bias'),
          ),
        );
      case 'SeparableConv2D': {
        const depthwise = convolution(
          'depthwise_kernel',
          windowOf(config, where),
          true,
          undefined,
          `${name}/depthwise`,
        );
        const kernel = tensor('pointwise_kernel');
        if (kernel === undefined) return [depthwise];
        const options = { stride: [1, 1], dilation: [1, 1], padding: 'valid', kernel, bias: tensor('bias') } as const;
        return activated(network.convolution({ ...operation, inputs: [depthwise] }, options));
      }
      case 'Dense': {
        const kernel = tensor('kernel');
        if (kernel === undefined) return foreign(undefined, 'its kernel is not there');
        return activated(network.dense(operation, kernel, tensor('bias')));
      }
      case 'BatchNormalization': {
        const rank = inputs[0]?.shape?.length;
        const axis = expectNumber([config.axis ?? -1].flat()[0], `${where}.config.axis`);
        if (axis !== -1 && axis !== rank) return foreign(inputs[0]?.shape, 'it does not go by channels');
        const [mean, variance] = [tensor('moving_mean'), tensor('moving_variance')];
        const epsilon = expectNumber(config.epsilon ?? 1e-3, `${where}.config.epsilon`);
        return [
          network.batchnorm(operation, { gamma: tensor('gamma'), beta: tensor('beta'), mean, variance }, epsilon),
        ];
      }
      case 'MaxPooling2D':
      case 'AveragePooling2D': {
        const size = pairOf(config.pool_size ?? 2, `${where}.config.pool_size`);
        const stride = config.strides == null ? size : pairOf(config.strides, `${where}.config.strides`);
        const padding = config.padding === 'same' ? 'same' : 'valid';
        return [network.pool(operation, className === 'MaxPooling2D' ? 'max' : 'average', { size, stride, padding })];
      }
      case 'GlobalMaxPooling2D':
      case 'GlobalAveragePooling2D':
        return [
          network.globalPool(
            operation,
            className === 'GlobalMaxPooling2D' ? 'max' : 'average',
            config.keepdims === true,
          ),
        ];
      case 'Flatten':
        return [network.flatten(operation)];
      case 'Reshape': {
        const target = expectList(config.target_shape, `${where}.config.target_shape`, MOST_EXTENTS);
        return [
          network.reshape(
            operation,
            target.map((extent, i) => extentOf(extent, `${where}.config.target_shape[${i}]`)),
          ),
        ];
      }
      case 'ZeroPadding2D':
        return [network.pad(operation, zerosOf(config.padding ?? 1, `${where}.config.padding`))];
      case 'Add':
        return [network.add(operation)];
      case 'Concatenate': {
        const axis = expectNumber(config.axis ?? -1, `${where}.config.axis`);
        return [network.concat(operation, axis > 0 ? axis - 1 : axis)];
      }
      case 'Activation': {
        const kind = activationName(config.activation);
        return [network.activation({ ...operation, operation: `Activation ${kind}` }, activationOf(kind))];
      }
      case 'ReLU':
        return [network.activation(operation, rectifierOf(config))];
      case 'LeakyReLU': {
        const alpha = expectNumber(config.alpha ?? config.negative_slope ?? 0.3, `${where}.config.alpha`);
        return [network.activation(operation, { kind: 'activation', function: 'leakyRelu', alpha })];
      }
      case 'ELU': {
        const alpha = expectNumber(config.alpha ?? 1, `${where}.config.alpha`);
        return [network.activation(operation, { kind: 'activation', function: 'elu', alpha })];
      }
      case 'Softmax': {
        const axis = [config.axis ?? -1].flat()[0];
        const last = axis === -1 || axis === inputs[0]?.shape?.length;
        return [network.activation(operation, last ? { kind: 'softmax' } : undefined)];
      }
      case 'Dropout':
      case 'SpatialDropout2D':
      case 'GaussianDropout':
      case 'GaussianNoise':
      case 'AlphaDropout':
      case 'ActivityRegularization':
        return inputs.slice(0, 1);
      case 'InputLayer':
        return inputs.length > 0 ? inputs.slice(0, 1) : [this.#input(entry)];
      default:
        return foreign(KEEPS_SHAPE.has(className) ? inputs[0]?.shape : undefined);
    }
  }

  /** A layer's tensors by what stands behind the layer's name: `kernel`, `moving_mean`. */
  #tensorsOf(layer: string): Map<string, string> {
    this.#byLayer ??= tensorsByLayer(this.#tensors.keys());
    return this.#byLayer.get(layer) ?? new Map();
  }
  #byLayer: Map<string, Map<string, string>> | undefined;
}

/** Foreign layers whose output has the shape of their first input. */
const KEEPS_SHAPE = new Set([
  'PReLU',
  'ThresholdedReLU',
  'Masking',
  'Multiply',
  'Subtract',
  'Average',
  'Maximum',
  'Minimum',
  'LayerNormalization',
  'Rescaling',
]);

/**
 * Sorts tensors under every layer that could be theirs: a name `a/b/kernel` under `a/b` and, as tfjs does for the cells of
 * recurrent layers, under `a`. Keras adds `:0` to names in some files.
 */
function tensorsByLayer(names: Iterable<string>): Map<string, Map<string, string>> {
  const byLayer = new Map<string, Map<string, string>>();
  for (const name of names) {
    const parts = name.replace(/:0$/, '').split('/');
    const role = parts.at(-1)!;
    for (const owner of [parts.slice(0, -1).join('/'), parts.slice(0, -2).join('/')]) {
      const tensors = byLayer.get(owner) ?? new Map<string, string>();
      if (!tensors.has(role)) tensors.set(role, name);
      byLayer.set(owner, tensors);
    }
  }
  return byLayer;
}

function entryOf(item: unknown, where: string): Entry {
  const { class_name: className, config } = expectObject(item, where);
  const settings: JsonObject = Array.isArray(config) ? { layers: config } : expectObject(config, `${where}.config`);
  const name = expectText(settings.name ?? own(item, 'name'), `${where}.config.name`);
  return { name, className: expectText(className, `${where}.class_name`), config: settings, where };
}

/** The first layer of a first model within a model, which is where the shape of the input stands. */
function innermost(entry: Entry, depth = 0): Entry {
  const [first] = Array.isArray(entry.config.layers) ? (entry.config.layers as unknown[]) : [];
  return first === undefined || depth > DEEPEST ? entry : innermost(entryOf(first, entry.where), depth + 1);
}

/** Without the batch. */
function batchShape({ config, where }: Entry): readonly Extent[] | undefined {
  const shape = config.batch_input_shape ?? config.batch_shape;
  if (shape == null) return undefined;
  return expectList(shape, `${where}.config.batch_input_shape`, MOST_EXTENTS)
    .slice(1)
    .map((extent, i) => extentOf(extent, `${where}.config.batch_input_shape[${i + 1}]`));
}

const extentOf = (extent: unknown, where: string): Extent =>
  extent == null || Number(extent) < 0 ? null : expectWhole(extent, where);
