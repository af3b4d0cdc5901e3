import {
  CorruptDataError,
  denseParametrization,
  type Exporter,
  elementCount,
  type Form,
  type Model,
  type Parametrization,
  parametrizationOf,
  type Weight,
} from '@pare/core';
import { fromBase64 } from './base64.ts';
import { join } from './join.ts';
import type { JsonObject } from './json.ts';
import { kerasTopology } from './keras-topology.ts';
import { toTfjs } from './layout.ts';
import { littleEndian, storeExactly } from './tensors.ts';
import { type TensorEntry, type TensorSpec, tfjsTopology } from './topology.ts';

/** Bytes of a shard: what browsers cache. */
const SHARD = 4 * 2 ** 20;

/** Writes `model.json` and shards. A model that came from tfjs comes back as it was; others become layers. */
export const tfjsExporter: Exporter = {
  id: 'tfjs',
  extension: 'json',
  async write(model, name) {
    const { model: json, groups } = tfjsTopology(model.topology) ?? kerasTopology(model);
    const files = new Map<string, Uint8Array>();
    files.set(`${name}.json`, new Uint8Array()); // the first file, filled in last
    const notes = preprocessNotes(model);
    const weights = byName(model);
    const prefix = name === 'model' ? '' : `${name}.`;
    const manifest = groups.map((entries, g) => {
      const tensors = entries.map((entry) => storedTensor(weights, entry, notes));
      const bytes = join(tensors.map((tensor) => tensor.bytes));
      const count = Math.max(1, Math.ceil(bytes.length / SHARD));
      const paths = Array.from({ length: count }, (_, i) => `${prefix}group${g + 1}-shard${i + 1}of${count}.bin`);
      for (const [i, path] of paths.entries()) files.set(path, bytes.slice(i * SHARD, (i + 1) * SHARD));
      return { paths, weights: tensors.map(({ spec }) => spec) };
    });
    files.set(`${name}.json`, new TextEncoder().encode(JSON.stringify({ ...json, weightsManifest: manifest })));
    return { files, notes };
  },
};

/** The layers of tfjs take what is prepared. */
const preprocessNotes = ({ layers }: Model): string[] =>
  layers.flatMap((layer) =>
    layer.kind === 'input' && layer.preprocess
      ? [`input "${layer.name}" is preprocessed (${JSON.stringify(layer.preprocess)}), which model.json does not keep`]
      : [],
  );

/** A tensor as a shard will hold it: quantised as it was where that loses nothing, else in float32. */
function storedTensor(weights: Weights, entry: TensorEntry, notes: string[]): { spec: TensorSpec; bytes: Uint8Array } {
  const { spec } = entry;
  if (entry.data !== undefined) return { spec, bytes: fromBase64(entry.data, `"${spec.name}"`) };
  const values = valuesOf(weights, entry, []);
  const bytes = storeExactly(values, spec);
  if (bytes) return { spec, bytes };
  notes.push(`"${spec.name}" is no longer what ${spec.quantization?.dtype} can hold: it is written in float32`);
  const { quantization: _, ...float32 } = spec;
  return { spec: float32, bytes: littleEndian(values) };
}

/** What `tf.loadLayersModel` and `tf.loadGraphModel` take from an IO handler. A tf.io.ModelArtifacts. */
export interface LoadedArtifacts {
  readonly modelTopology: JsonObject;
  readonly format?: string;
  readonly generatedBy?: string;
  readonly convertedBy?: string | null;
  readonly weightSpecs: readonly TensorSpec[];
  /** All tensors, one after the other. */
  readonly weightData: ArrayBuffer;
  readonly [field: string]: unknown;
}

/**
 * Makes of a model what tfjs loads. A model that came from tfjs has the topology that it had, deeply equal; of others the
 * layers become a Keras topology.
 *
 * @param parametrizations - for forms beyond dense, masked and shared
 * @throws RangeError if the layers of tfjs cannot express a layer, or the weights no longer fit the topology, naming it
 * @throws CorruptDataError if the topology says that it is of tfjs, but is not
 */
export function toModelArtifacts(model: Model, parametrizations: readonly Parametrization[] = []): LoadedArtifacts {
  const { model: json, groups } = tfjsTopology(model.topology) ?? kerasTopology(model);
  const entries = groups.flat();
  const weights = byName(model);
  const constants = new Map(
    entries.flatMap((entry) =>
      entry.data === undefined ? [] : [[entry, fromBase64(entry.data, `"${entry.spec.name}"`)]],
    ),
  );
  const sizeOf = (entry: TensorEntry): number => constants.get(entry)?.length ?? 4 * elementCount(entry.spec.shape);
  // Checked before memory is taken: a weight's size is known to be right, a tensor's is only claimed.
  for (const entry of entries) if (entry.data === undefined) weightOfEntry(weights, entry);
  const weightData = new ArrayBuffer(entries.reduce((size, entry) => size + sizeOf(entry), 0));
  let offset = 0;
  const weightSpecs = entries.map((entry) => {
    const constant = constants.get(entry);
    const size = sizeOf(entry);
    const bytes = new Uint8Array(weightData, offset, size);
    bytes.set(constant ?? littleEndian(valuesOf(weights, entry, parametrizations)));
    offset += size;
    if (constant) return entry.spec;
    const { quantization: _, ...spec } = entry.spec;
    return spec;
  });
  return { ...(structuredClone(json) as JsonObject & { modelTopology: JsonObject }), weightSpecs, weightData };
}

/** The numbers of a tensor in tfjs's order. */
function valuesOf(weights: Weights, entry: TensorEntry, parametrizations: readonly Parametrization[]): Float32Array {
  const values = toDense(weightOfEntry(weights, entry).form, parametrizations);
  const { view, perm } = entry;
  if (!view || !perm) return values;
  try {
    return toTfjs(values, { view, perm });
  } catch (cause) {
    throw new CorruptDataError('not-tfjs', 0, `tensor "${entry.spec.name}": ${(cause as Error).message}`, { cause });
  }
}

type Weights = ReadonlyMap<string, Weight>;

const byName = ({ weights }: Model): Weights => new Map(weights.map((weight) => [weight.name, weight]));

function weightOfEntry(weights: Weights, { spec, weight = spec.name }: TensorEntry): Weight {
  const found = weights.get(weight);
  if (!found) throw new RangeError(`tfjs: the model has no weight "${weight}", which tensor "${spec.name}" needs`);
  if (elementCount(found.shape) !== elementCount(spec.shape)) {
    throw new RangeError(
      `tfjs: weight "${weight}" [${found.shape.join(', ')}] no longer fits tensor "${spec.name}" [${spec.shape.join(', ')}]: leave out model.topology to have the layers written instead`,
    );
  }
  return found;
}

function toDense(form: Form, parametrizations: readonly Parametrization[]): Float32Array {
  if (form.kind === 'masked') return form.values;
  if (form.kind === 'shared') {
    const { codebook, indices, mask } = form;
    return Float32Array.from(indices, (index, i) => (mask[i] ? codebook[index]! : 0));
  }
  return parametrizationOf<Form>(form, [denseParametrization as Parametrization, ...parametrizations]).toDense(form);
}
