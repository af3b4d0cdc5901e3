import type { Model, Parametrization } from '@pare/core';
import { toModelArtifacts } from '@pare/interop/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/**
 * Builds the tf.LayersModel that a model's layers describe, with its weights in tfjs's layouts.
 *
 * It takes `[N, H, W, C]` (or `[N, C]`) that is already preprocessed; layers keep their names. A model that came from tfjs
 * and shall come back as it was, graph models included, is loaded from its file instead, by `pareFile`.
 *
 * @param parametrizations - for forms beyond dense, masked and shared
 * @throws RangeError if tfjs's layers cannot express a layer (groups, local response normalisation, some pools), naming it
 * @example
 * // buildLayersModel(decodeModel(bytes)).predict(x)
 */
export function buildLayersModel(model: Model, parametrizations: readonly Parametrization[] = []): tfl.LayersModel {
  const { topology: _, ...layers } = model;
  const { modelTopology, weightSpecs, weightData } = toModelArtifacts(layers, parametrizations);
  const config = camelCased(modelTopology.config) as tf.serialization.ConfigDict;
  const built = tfl.LayersModel.fromConfig(tfl.LayersModel as ModelConstructor, config, {}, true);
  const tensors = tf.io.decodeWeights(weightData, weightSpecs as tf.io.WeightsManifestEntry[]);
  built.loadWeights(tensors);
  tf.dispose(tensors);
  return built;
}

// A border to tfjs: its types know a constructor by a static method that its own models do not declare alike.
type ModelConstructor = tf.serialization.SerializableConstructor<tfl.LayersModel>;

/** A topology as it stands in files → as tfjs's classes take it: keys and words in camel case, names as they are. */
function camelCased(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return key === 'name' ? value : toCamelCase(value);
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'string' ? item : camelCased(item)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [toCamelCase(name), camelCased(item, name)]));
}

const toCamelCase = (text: string): string => text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
