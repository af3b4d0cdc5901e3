import type { Model } from '@pare/core';
import { fromModelArtifacts } from '@pare/interop/tfjs';
import type * as tfl from '@tensorflow/tfjs-layers';

/**
 * Reads a tf.LayersModel into a Model, weights and all; its topology is carried along, so that it can come back as itself.
 *
 * Activations inside layers become layers of their own (`<layer>/relu`), "same" padding becomes numbers, drop-out is left
 * out (it does nothing outside training), and what was flattened is put into the house's order. Zero padding becomes part of
 * the layer that follows. A layer that the house has no word for becomes a foreign one: it keeps its place and its weights, so
 * it can be compressed, but not trained or run here.
 *
 * @throws CorruptDataError if a weight is missing
 * @example
 * // const model = readLayersModel(await tf.loadLayersModel('file://model.json'))
 */
export function readLayersModel(source: tfl.LayersModel): Model {
  const weights = source.weights.map((variable) => {
    const tensor = variable.read();
    const spec = { name: variable.originalName, shape: tensor.shape, dtype: tensor.dtype };
    return { spec, data: tensor.dataSync().slice() };
  });
  const { model } = fromModelArtifacts({
    modelTopology: source.toJSON(undefined, false),
    format: 'layers-model',
    generatedBy: 'pare',
    convertedBy: null,
    weightSpecs: weights.map(({ spec }) => spec),
    weightData: weights.map(({ data }) => data.buffer as ArrayBuffer),
  });
  return model;
}
