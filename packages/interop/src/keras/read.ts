import { CorruptDataError, denseWeight, type ImportedModel, type Importer } from '@pare/core';
import { firstNonFinite } from '../numbers.ts';
import { isObject, type JsonObject, own, parseJson } from '../tfjs/json.ts';
import { fromModelArtifacts } from '../tfjs/read.ts';
import { isZip, listZip } from '../zip.ts';
import { kerasConfig } from './config.ts';
import { isHdf5, openHdf5 } from './hdf5/open.ts';
import { readVariables, type Variable, weightFile } from './variables.ts';

/**
 * Reads `.h5` and `.hdf5` of Keras 1, 2 and 3: whole models, and weights alone (`.weights.h5`), which have no layers and stay
 * in the order in which Keras keeps them.
 */
export const kerasH5: Importer = {
  id: 'keras-h5',
  extensions: ['h5', 'hdf5'],
  recognizes({ bytes }) {
    try {
      return isHdf5(bytes) && weightFile(openHdf5(bytes)) !== undefined;
    } catch {
      return false; // a damaged file is recognised by nobody
    }
  },
  read: async ({ name, bytes }) => readHdf5(bytes, name),
};

/** Reads `.keras`, the zip file in which Keras 3 keeps a model: `config.json`, `metadata.json`, `model.weights.h5`. */
export const keras: Importer = {
  id: 'keras',
  extensions: ['keras'],
  recognizes({ bytes }) {
    try {
      const names = isZip(bytes) ? listZip(bytes).map(({ name }) => name) : [];
      return names.includes(CONFIG) && names.some((name) => name.startsWith('model.weights'));
    } catch {
      return false;
    }
  },
  async read({ name, bytes }) {
    const entries = new Map(listZip(bytes).map((entry) => [entry.name, entry]));
    const file = (wanted: string): Uint8Array => {
      const entry = entries.get(wanted);
      if (!entry) throw new CorruptDataError('bad-model', 0, `"${name}" has no ${wanted} in it`);
      if (entry.size > MOST_BYTES)
        throw new CorruptDataError('limit', 0, `"${wanted}" has ${entry.size} bytes, limit ${MOST_BYTES}`);
      return entry.read();
    };
    const config = parseJson(file(CONFIG), CONFIG);
    const metadata = entries.has(METADATA) ? parseJson(file(METADATA), METADATA) : {};
    const imported = readHdf5(file(WEIGHTS), name, config, own(metadata, 'keras_version'));
    const assets = [...entries.keys()].filter((key) => key.startsWith('assets/') && !key.endsWith('/'));
    return {
      ...imported,
      notes: [...imported.notes, ...assets.map((asset) => `"${asset}" is no part of a network: left out`)],
    };
  },
};

const CONFIG = 'config.json';
const METADATA = 'metadata.json';
const WEIGHTS = 'model.weights.h5';
// As much as an array can hold here.
const MOST_BYTES = 2 ** 32 - 1;

/** @param given - the configuration, if it does not stand in the file itself */
function readHdf5(bytes: Uint8Array, name: string, given?: unknown, version?: unknown): ImportedModel {
  const root = openHdf5(bytes);
  const stored = weightFile(root);
  if (!stored)
    throw new CorruptDataError('bad-model', 0, `"${name}" is HDF5, but has no weights where Keras keeps them`);
  const [text] = root.attribute('model_config') ?? [];
  const config = given ?? (typeof text === 'string' ? parseText(text, name) : undefined);
  const notes: string[] = [];
  const variables = readVariables(stored, config).filter((variable) => isWeight(variable, notes));
  if (config === undefined) {
    notes.push(`"${name}" has weights, but no layers: its kernels stay as Keras has them, outputs last`);
    const weights = variables.map((variable) => denseWeight(variable.name, variable.shape, variable.values));
    return { model: { layers: [], weights, history: [] }, notes };
  }
  if (!isObject(config)) throw new CorruptDataError('bad-model', 0, `the configuration in "${name}" is not an object`);
  const said = version ?? stored.group.attribute('keras_version')?.[0] ?? '1';
  const imported = fromModelArtifacts(artifacts(kerasConfig(config, said), said, variables));
  return { ...imported, notes: [...notes, ...imported.notes] };
}

const parseText = (text: string, name: string): unknown =>
  parseJson(new TextEncoder().encode(text), `the attribute model_config of "${name}"`);

function isWeight(variable: Variable, notes: string[]): variable is Variable & { values: Float32Array } {
  const { name, values } = variable;
  if (!values) {
    notes.push(`"${name}" holds no numbers: left out`);
    return false;
  }
  const wrong = firstNonFinite(values);
  if (wrong >= 0) notes.push(`"${name}" is ${values[wrong]} at index ${wrong}, and weights are finite: left out`);
  return wrong < 0;
}

/** The model as tfjs would have converted it, so that it goes the same way from here. */
const artifacts = (
  config: JsonObject,
  version: unknown,
  variables: readonly (Variable & { values: Float32Array })[],
) => ({
  format: 'layers-model',
  modelTopology: { keras_version: String(version), backend: 'tensorflow', model_config: config },
  weightSpecs: variables.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
  weightData: variables.map(({ values }) => values.buffer as ArrayBuffer),
});
