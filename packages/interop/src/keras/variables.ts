import { CorruptDataError, type Shape } from '@pare/core';
import { freeNames } from '../free-name.ts';
import { type NumberType, toFloat32 } from '../numbers.ts';
import { type ConfiguredLayer, configuredLayers } from './config.ts';
import type { AttributeValue } from './hdf5/attribute.ts';
import type { Hdf5Data, Hdf5Object } from './hdf5/open.ts';

/** A variable of a layer, under the name that tfjs gives it: that of the layer, and `/kernel`, `/bias`, `/moving_mean`, … */
export interface Variable {
  readonly name: string;
  readonly shape: Shape;
  /** Undefined if it holds no numbers. */
  readonly values: Float32Array | undefined;
}

/** How the weights lie in a file. */
export type WeightFile =
  /** Keras 1 and 2, and `.h5` of Keras 3: a group for each layer, listed in `layer_names`; its `weight_names` list the data. */
  | { readonly kind: 'named'; readonly group: Hdf5Object }
  /** `.weights.h5` of Keras 3, also within `.keras`: `layers/conv2d_1/vars/0`, named by class, numbered. */
  | { readonly kind: 'numbered'; readonly group: Hdf5Object };

/** Tells how the weights lie in a file; undefined if it is none of Keras. */
export function weightFile(root: Hdf5Object): WeightFile | undefined {
  for (const group of [root.find('model_weights'), root]) {
    if (group && names(group, 'layer_names')) return { kind: 'named', group };
  }
  for (const container of ['layers', '_layer_checkpoint_dependencies']) {
    const group = root.find(container);
    if (group && !group.data()) return { kind: 'numbered', group };
  }
  return undefined;
}

/**
 * Reads all variables of a file.
 *
 * @param model - its configuration, if there is one: it tells the layers of models within the model, and what a number means
 */
export const readVariables = ({ kind, group }: WeightFile, model?: unknown): readonly Variable[] =>
  kind === 'named' ? namedVariables(group, configuredLayers(model)) : numberedVariables(group, model);

// ── a group for each layer ────────────────────────────────────────────────────────────────────────────────────────────

/** What Keras 1 calls them. */
const OLD_ROLES: Readonly<Record<string, string>> = {
  W: 'kernel',
  b: 'bias',
  running_mean: 'moving_mean',
  running_std: 'moving_variance',
};

function namedVariables(group: Hdf5Object, layers: readonly ConfiguredLayer[]): readonly Variable[] {
  const variables: Variable[] = [];
  const unique = freeNames('~');
  const configured = new Map(layers.map((layer) => [layer.name, layer]));
  const innerOf = new Map<string, ReadonlyMap<string, ConfiguredLayer>>();
  for (const layer of names(group, 'layer_names') ?? []) {
    const member = group.find(layer);
    if (!member) throw new CorruptDataError('bad-model', 0, `layer "${layer}" has no group in ${group.path}`);
    const inner = innerOf.get(layer) ?? innerLayers(configured.get(layer));
    innerOf.set(layer, inner);
    const classOf = (name: string): string | undefined => (inner.get(name) ?? configured.get(name))?.className;
    for (const stored of names(member, 'weight_names') ?? []) {
      const data = member.find(stored)?.data();
      if (!data) throw new CorruptDataError('bad-model', 0, `"${stored}" of layer "${layer}" is not in the file`);
      variables.push(variableOf(unique(variableName(layer, stored, inner, classOf)), data));
    }
  }
  return variables;
}

/** Of a model within the model, by name; empty for a layer. */
function innerLayers(layer: ConfiguredLayer | undefined): ReadonlyMap<string, ConfiguredLayer> {
  return new Map((layer?.layers ?? []).flatMap((inner) => [[inner.name, inner] as const, ...innerLayers(inner)]));
}

/** `model/fc/kernel:0` of layer `fc` → `fc/kernel`. A layer of a model within the model has its own name in the path. */
function variableName(
  layer: string,
  stored: string,
  inner: ReadonlyMap<string, ConfiguredLayer>,
  classOf: (layer: string) => string | undefined,
): string {
  const path = stored.replace(/:\d+$/, '').split('/');
  const role = path.pop() ?? '';
  const owner = path.findLastIndex((part) => part === layer || inner.has(part));
  const below = owner < 0 ? [layer] : path.slice(owner);
  // Keras 1: `convolution2d_1_W`
  const old = role.startsWith(`${layer}_`) ? role.slice(layer.length + 1) : role;
  // Keras 3 calls it `kernel`, as it does everywhere else.
  const depthwise = old === 'kernel' && classOf(below[0]!) === 'DepthwiseConv2D';
  return [...below, depthwise ? 'depthwise_kernel' : (OLD_ROLES[old] ?? old)].join('/');
}

/** Texts of an attribute. Long lists are cut into `<name>0`, `<name>1`, …: an attribute has at most 64 kB. */
function names(group: Hdf5Object, name: string): readonly string[] | undefined {
  const whole = group.attribute(name);
  if (whole) return texts(whole);
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = group.attribute(`${name}${i}`);
    if (!part) return i === 0 ? undefined : parts;
    parts.push(...texts(part));
  }
}

// An empty list of names is stored as one of numbers.
const texts = (value: AttributeValue): readonly string[] => value.filter((item) => typeof item === 'string');

// ── named by class, numbered ──────────────────────────────────────────────────────────────────────────────────────────

/** The variables of a class of layers, in their order. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  conv1d: ['kernel', 'bias'],
  conv2d: ['kernel', 'bias'],
  conv3d: ['kernel', 'bias'],
  conv1d_transpose: ['kernel', 'bias'],
  conv2d_transpose: ['kernel', 'bias'],
  dense: ['kernel', 'bias'],
  embedding: ['embeddings'],
  depthwise_conv1d: ['depthwise_kernel', 'bias'],
  depthwise_conv2d: ['depthwise_kernel', 'bias'],
  separable_conv1d: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  separable_conv2d: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  cell: ['kernel', 'recurrent_kernel', 'bias'],
  prelu: ['alpha'],
  batch_normalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  layer_normalization: ['gamma', 'beta'],
};

function numberedVariables(group: Hdf5Object, model: unknown): readonly Variable[] {
  const variables: Variable[] = [];
  const unique = freeNames('~');
  const visit = (container: Hdf5Object, layers: readonly ConfiguredLayer[]): void => {
    const byKey = keyed(layers);
    for (const key of container.members()) {
      const member = container.find(key)!;
      if (member.data()) continue;
      const layer = byKey.get(key);
      const inside = member.find('layers');
      if (inside) {
        visit(inside, layer?.layers ?? []);
        continue;
      }
      const name = layer?.name ?? nameAttribute(member) ?? key;
      collect(member, name, snakeCase(layer?.className ?? '') || key.replace(/_\d+$/, ''), layer?.config ?? {}, 0);
    }
  };
  const collect = (
    object: Hdf5Object,
    name: string,
    kind: string,
    config: ConfiguredLayer['config'],
    depth: number,
  ) => {
    for (const key of object.members()) {
      const member = object.find(key)!;
      // What random numbers come from is no weight.
      if (key === 'seed_generator' || depth > 8) continue;
      if (key !== 'vars') {
        // Those of a recurrent layer: tfjs and `.h5` have `lstm/lstm_cell/kernel`.
        const below = key === 'cell' && depth === 0 ? `${kind}_cell` : key;
        if (!member.data()) collect(member, `${name}/${below}`, key, config, depth + 1);
        continue;
      }
      const numbers = member.members();
      const roles = rolesOf(kind, numbers.length, config);
      for (const number of numbers) {
        const data = member.find(number)?.data();
        if (data)
          variables.push(variableOf(unique(`${name}/${roles[Number(number)] ?? number}`), data, member.find(number)));
      }
    }
  };
  visit(group, configuredLayers(model));
  return variables;
}

/** Layers by the name that the file gives them: their class, and how many of it came before. */
function keyed(layers: readonly ConfiguredLayer[]): ReadonlyMap<string, ConfiguredLayer> {
  const counts = new Map<string, number>();
  return new Map(
    layers.map((layer) => {
      const kind = snakeCase(layer.className);
      const before = counts.get(kind) ?? 0;
      counts.set(kind, before + 1);
      return [before === 0 ? kind : `${kind}_${before}`, layer];
    }),
  );
}

/** Normalisations leave out what they do not have; without a configuration it is known only where there are all, or half. */
function rolesOf(kind: string, count: number, { scale, center }: ConfiguredLayer['config']): readonly string[] {
  const roles = ROLES[kind] ?? [];
  if (!roles.includes('gamma') || count === roles.length) return roles;
  if (scale === undefined && center === undefined) return count === roles.length - 2 ? roles.slice(2) : [];
  return roles.filter((role) => (role !== 'gamma' || scale !== false) && (role !== 'beta' || center !== false));
}

/** The name of its layer, which Keras writes since 3.5. */
function nameAttribute(object: Hdf5Object): string | undefined {
  const [name] = object.find('vars')?.attribute('name') ?? [];
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** As Keras does it: `DepthwiseConv2D` → `depthwise_conv2d`. */
const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

// ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function variableOf(name: string, { shape, type, bytes }: Hdf5Data, object?: Hdf5Object): Variable {
  if (type.kind === 'number') return { name, shape, values: toFloat32(bytes(), type.type, type.littleEndian) };
  // NumPy has no bfloat16, so HDF5 gets two bytes that mean nothing to it; Keras says what they are, in `.keras` only.
  const bfloat16: NumberType | undefined = type.kind === 'opaque' && type.size === 2 ? 'bfloat16' : undefined;
  const said = object?.attribute('dtype')?.[0] ?? 'bfloat16';
  return { name, shape, values: bfloat16 && said === bfloat16 ? toFloat32(bytes(), bfloat16) : undefined };
}
