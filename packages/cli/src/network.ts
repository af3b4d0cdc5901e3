import {
  type Architecture,
  architectureNamed,
  architectureNames,
  architectureOf,
  withWeights,
} from '@pare/architectures';
import type { InputLayer, Layer, Model, Preprocess } from '@pare/core';
import { UsageError } from './exit.ts';

/** What the command line says about a network that its file may not say. */
export interface NetworkOptions {
  /** The name of a known network. */
  readonly architecture?: string | undefined;
  /** How examples become its input, instead of what the file says. */
  readonly preprocess?: Preprocess | undefined;
  /** Whether it must be known what the network computes: then a model of weights alone is recognised by them. */
  readonly needed?: boolean;
  /** Who needs it, for the message; default `--calibration`. */
  readonly neededBy?: string;
}

/**
 * Completes a model of weights alone with the layers of a known network; names of weights stay as they are.
 *
 * @throws UsageError if the options do not fit the file, or nothing tells what the network computes
 */
export function completeNetwork(
  model: Model,
  { architecture, preprocess, needed = false, neededBy = '--calibration' }: NetworkOptions,
): { readonly model: Model; readonly notes: readonly string[] } {
  const { network, notes } = withLayers(model, architecture, needed ? neededBy : undefined);
  if (!preprocess) return { model: network, notes };
  const input = inputOf(network);
  if (!input) throw new UsageError('--preprocess: the file names no input; name the network by --architecture');
  checkFits(preprocess, input);
  const layers = network.layers.map((layer) => (layer === input ? { ...input, preprocess } : layer));
  return { model: { ...network, layers }, notes };
}

/** Where examples go in. */
export const inputOf = ({ layers }: Model): InputLayer | undefined =>
  layers.find((layer): layer is InputLayer => layer.kind === 'input');

function checkFits({ crop, mean, std }: Preprocess, { name, outputShape }: InputLayer): void {
  const [channels = 0, ...map] = outputShape;
  const refuse = (field: string, expected: string, got: string): never => {
    throw new UsageError(`--preprocess: "${field}" expected ${expected} as the input "${name}" has, got ${got}`);
  };
  if (crop && crop.join() !== map.join()) refuse('crop', `[${map.join(', ')}]`, `[${crop.join(', ')}]`);
  for (const [field, values] of Object.entries({ mean, std })) {
    if (values && values.length !== channels) refuse(field, `${channels} numbers`, String(values.length));
  }
}

function withLayers(model: Model, name: string | undefined, neededBy: string | undefined) {
  if (model.layers.length > 0) {
    if (name === undefined) return { network: model, notes: [] };
    throw new UsageError(`--architecture ${name}: the file brings its own layers; leave the option out`);
  }
  if (name !== undefined) return { network: attach(named(name), model), notes: [] };
  if (neededBy === undefined) return { network: model, notes: [] };
  const found = architectureOf(model.weights);
  if (found) return { network: attach(found, model), notes: [`recognised by its tensors: ${found.name}`] };
  throw new UsageError(
    `${neededBy}: the file holds weights alone, and they are those of no known network (${architectureNames().join(', ')}); ` +
      'name it by --architecture if it is one of them, or bring a file that says what is computed, such as .onnx or model.json',
  );
}

function named(name: string): Architecture {
  if (architectureNames().includes(name)) return architectureNamed(name);
  throw new UsageError(`--architecture expected one of ${architectureNames().join(', ')}, got "${name}"`);
}

/** The layers' words for weights give way to those of the file, which programs that read it know. */
function attach({ name, layers }: Architecture, model: Model): Model {
  let attached: Model;
  try {
    attached = withWeights(layers(), model.weights);
  } catch (cause) {
    throw new UsageError(`--architecture ${name}: ${(cause as Error).message}`, { cause });
  }
  const original = new Map(model.weights.map((weight) => [weight.form, weight.name])); // forms are passed on as they are
  const names = new Map(attached.weights.map(({ name, form }) => [name, original.get(form)!]));
  return {
    ...model,
    layers: attached.layers.map((layer) => renamed(layer, names)),
    weights: attached.weights.map((weight) => ({ ...weight, name: names.get(weight.name)! })),
  };
}

function renamed(layer: Layer, names: ReadonlyMap<string, string>): Layer {
  if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return layer; // known networks have no other weights
  const { kernel, bias } = layer;
  return { ...layer, kernel: names.get(kernel)!, ...(bias !== undefined && { bias: names.get(bias)! }) };
}
