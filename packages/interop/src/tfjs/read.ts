import {
  CorruptDataError,
  checkModel,
  type Dense,
  elementCount,
  type ImportedModel,
  type Importer,
  type ImportSource,
  MissingPartError,
  type Model,
  type Shared,
  type Weight,
  weightNames,
} from '@pare/core';
import { fromBase64, toBase64 } from './base64.ts';
import { readGraphLayers } from './graph-layers.ts';
import { join } from './join.ts';
import { expectList, expectObject, expectText, isObject, type JsonObject, own, parseJson, unexpected } from './json.ts';
import { readKerasLayers } from './keras-layers.ts';
import { fromTfjs } from './layout.ts';
import type { Placement } from './placements.ts';
import { cutTensors, formOf, type StoredTensor } from './tensors.ts';
import { expectSpec, type TensorEntry, type TfjsTopology } from './topology.ts';

/** Reads models that tfjs or a Keras converter saved: `tf.loadLayersModel` loads them. */
export const tfjsLayers: Importer = importerOf('tfjs-layers', false);

/** Reads models converted from TensorFlow: `tf.loadGraphModel` loads them. */
export const tfjsGraph: Importer = importerOf('tfjs-graph', true);

function importerOf(id: string, graph: boolean): Importer {
  return {
    id,
    extensions: ['json'],
    recognizes({ bytes }) {
      // Whether it is JSON at all is seen at once; that is enough for most files that are none.
      if (bytes.find((byte) => byte > 0x20) !== 0x7b) return false;
      try {
        return isGraph(expectObject(parseJson(bytes, 'model.json'), 'model.json')) === graph;
      } catch {
        return false;
      }
    },
    async read(source) {
      const json = expectObject(parseJson(source.bytes, source.name), source.name);
      if (isGraph(json) !== graph) {
        unexpected(`${source.name}: modelTopology`, graph ? 'a graph' : 'layers', json.format ?? json.modelTopology);
      }
      const { weightsManifest: _, weightData: _data, weightSpecs: _specs, ...rest } = json;
      return modelOf(rest, await groupsOf(json, source), graph);
    },
  };
}

/** What tfjs hands to an IO handler that saves, and takes from one that loads. */
export interface TfjsArtifacts {
  readonly modelTopology?: unknown;
  readonly weightSpecs?: readonly unknown[];
  readonly weightData?: ArrayBuffer | readonly ArrayBuffer[];
  readonly [field: string]: unknown;
}

/**
 * Reads what tfjs gives to a save handler: `model.save(tf.io.withSaveHandler(async (artifacts) => …))`.
 *
 * @throws CorruptDataError if that is no model
 */
export function fromModelArtifacts(artifacts: TfjsArtifacts): ImportedModel {
  const { weightSpecs = [], weightData = [], getWeightStream: _, ...rest } = artifacts;
  const parts = [weightData].flat().map((part) => new Uint8Array(part as ArrayBuffer));
  const specs = weightSpecs.map((spec, i) => expectSpec(spec, `weightSpecs[${i}]`));
  // Fields that are not there would not be in a file either.
  const json = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return modelOf(json, [cutTensors(specs, join(parts), 'weightData')], isGraph(json));
}

/** Undefined if it is no model of tfjs. */
function isGraph(json: JsonObject): boolean | undefined {
  const topology = own(json, 'modelTopology');
  if (Array.isArray(own(topology, 'node'))) return true;
  const config = own(topology, 'model_config') ?? topology;
  return isObject(config) && 'class_name' in config && 'config' in config ? false : undefined;
}

/** The tensors of the shards, in their groups. */
async function groupsOf(json: JsonObject, source: ImportSource): Promise<StoredTensor[][]> {
  const where = `${source.name}: weightsManifest`;
  if (json.weightsManifest === undefined || json.weightsManifest === null) {
    if (json.weightSpecs === undefined) {
      throw new MissingPartError('no-weights', source.name, `"${source.name}" has a topology, but no weightsManifest`);
    }
    // All in one file, as tfjs keeps models in the local storage of browsers.
    const specs = expectList(json.weightSpecs, 'weightSpecs').map((spec, i) => expectSpec(spec, `weightSpecs[${i}]`));
    const parts = [json.weightData ?? '']
      .flat()
      .map((part) => fromBase64(expectText(part, 'weightData'), 'weightData'));
    return [cutTensors(specs, join(parts), 'weightData')];
  }
  const groups: StoredTensor[][] = [];
  for (const [g, item] of expectList(json.weightsManifest, where).entries()) {
    const group = expectObject(item, `${where}[${g}]`);
    const specs = expectList(group.weights, `${where}[${g}].weights`).map((spec, i) =>
      expectSpec(spec, `${where}[${g}].weights[${i}]`),
    );
    const parts: Uint8Array[] = [];
    for (const path of expectList(group.paths ?? [], `${where}[${g}].paths`)) {
      parts.push(await source.sibling(expectText(path, `${where}[${g}].paths`)));
    }
    groups.push(cutTensors(specs, join(parts), `the shards of group ${g + 1} of "${source.name}"`));
  }
  return groups;
}

function modelOf(
  json: JsonObject,
  groups: readonly (readonly StoredTensor[])[],
  graph: boolean | undefined,
): ImportedModel {
  if (graph === undefined) return unexpected('modelTopology', 'a graph or layers', json.modelTopology);
  const stored = new Map<string, StoredTensor>();
  for (const tensor of groups.flat()) {
    const { name } = tensor.spec;
    if (stored.has(name)) throw new CorruptDataError('duplicate', 0, `two tensors are named "${name}"`);
    stored.set(name, tensor);
  }
  const forms = new Map<string, Dense | Shared>();
  for (const [name, tensor] of stored) {
    const form = tensor.spec.dtype === 'float32' ? formOf(tensor) : undefined;
    if (form && (form.kind === 'dense' ? form.values : form.codebook).every(Number.isFinite)) forms.set(name, form);
  }
  const shapes = new Map([...forms.keys()].map((name) => [name, stored.get(name)!.spec.shape]));
  const { name, layers, placements, notes } = graph
    ? readGraphLayers(json.modelTopology, shapes, (tensor) => wholeNumbers(stored.get(tensor)))
    : readKerasLayers(json.modelTopology, shapes);

  const entries = groups.map((group) => group.map((tensor) => entryOf(tensor, placements.get(tensor.spec.name))));
  const topology: TfjsTopology = { tfjs: 1, model: json, groups: entries };
  const weights = inOrder(layers, placements).map(([tensor, placement]) => weightOf(placement, forms.get(tensor)!));
  const model: Model = { ...(name !== undefined && { name }), layers, weights, topology, history: [] };
  try {
    checkModel(model);
  } catch (cause) {
    throw new CorruptDataError('not-a-model', 0, (cause as Error).message, { cause });
  }
  return { model, notes };
}

/** Values of a constant of whole numbers. Long ones say nothing about how something is done. */
function wholeNumbers(tensor: StoredTensor | undefined): readonly number[] | undefined {
  if (!tensor) return undefined;
  const { spec, bytes } = tensor;
  const count = elementCount(spec.shape);
  if (count > 64 || spec.quantization || (spec.dtype !== 'int32' && spec.dtype !== 'float32')) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) =>
    spec.dtype === 'int32' ? view.getInt32(4 * i, true) : view.getFloat32(4 * i, true),
  );
}

function entryOf({ spec, bytes }: StoredTensor, placement: Placement | undefined): TensorEntry {
  if (!placement) return { spec, data: toBase64(bytes) };
  const { weight, layout } = placement;
  return { spec, ...(weight !== spec.name && { weight }), ...layout };
}

/** Tensors in the order in which the layers name them, the others after them. */
function inOrder(layers: Model['layers'], placements: ReadonlyMap<string, Placement>): [string, Placement][] {
  const names = layers.flatMap((layer) => weightNames(layer).map(({ name }) => name));
  const rank = new Map([...names].reverse().map((name, i) => [name, names.length - i]));
  return [...placements].sort(
    ([, a], [, b]) => (rank.get(a.weight) ?? Infinity) - (rank.get(b.weight) ?? Infinity) || 0,
  );
}

function weightOf({ weight, shape, layout }: Placement, form: Dense | Shared): Weight {
  if (!layout) return { name: weight, shape, form };
  return {
    name: weight,
    shape,
    form:
      form.kind === 'dense'
        ? { kind: 'dense', values: fromTfjs(form.values, layout) }
        : { ...form, indices: fromTfjs(form.indices, layout), mask: fromTfjs(form.mask, layout) },
  };
}
