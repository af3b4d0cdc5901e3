import { existsSync, readFileSync } from 'node:fs';
import { lenet5, lenet300, withWeights } from '@pare/architectures';
import { type CompressSettings, compressModel } from '@pare/compress';
import { seededRandom } from '@pare/core';
import { decodeModel } from '@pare/format';
import { importModel, memorySource } from '@pare/interop';
import { fromModelArtifacts, tfjsExporter } from '@pare/interop/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildLayersModel } from '../src/layers.ts';
import { pareFile } from '../src/load.ts';

beforeAll(() => tf.setBackend('cpu'));

const random = seededRandom(5);
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());

/** Convolution, depthwise convolution, batch normalisation, a sum, a join, and a dense layer after flattening. */
function network(): tfl.LayersModel {
  const input = tfl.input({ shape: [12, 12, 3], name: 'image' });
  const on = (layer: tfl.layers.Layer, ...inputs: tfl.SymbolicTensor[]): tfl.SymbolicTensor =>
    layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as tfl.SymbolicTensor;
  const stem = on(
    tfl.layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', name: 'stem' }),
    input,
  );
  const deep = on(tfl.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false, name: 'deep' }), stem);
  const point = on(tfl.layers.conv2d({ filters: 16, kernelSize: 1, useBias: false, name: 'point' }), deep);
  const sum = on(tfl.layers.add({ name: 'sum' }), on(tfl.layers.batchNormalization({ name: 'norm' }), point), stem);
  const both = on(tfl.layers.concatenate({ name: 'both' }), sum, deep);
  const small = on(tfl.layers.maxPooling2d({ poolSize: 2, name: 'pool' }), on(tfl.layers.reLU({ name: 'relu' }), both));
  const hidden = on(
    tfl.layers.dense({ units: 12, activation: 'relu', name: 'hidden' }),
    on(tfl.layers.flatten({ name: 'flat' }), small),
  );
  const answer = on(tfl.layers.dense({ units: 10, activation: 'softmax', name: 'answer' }), hidden);
  const net = tfl.model({ inputs: input, outputs: answer, name: 'network' });
  for (const layer of net.layers) {
    const tensors = layer.getWeights().map((tensor, i) => {
      const statistic = /variance|gamma/.test(layer.weights[i]!.name);
      const fan = tensor.size / tensor.shape.at(-1)!;
      const values = draw(tensor.size).map((value) => (statistic ? 0.8 + 0.1 * value : value / Math.sqrt(fan)));
      return tf.tensor(values, tensor.shape);
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
  return net;
}

async function saved(net: tfl.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts = {};
  await net.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return artifacts;
}

function predict(net: tfl.LayersModel, values: Float32Array): Float32Array {
  return tf.tidy(() => {
    const shape = [-1, ...net.inputs[0]!.shape.slice(1)] as number[];
    return (net.predict(tf.reshape(tf.tensor1d(values), shape)) as tf.Tensor).dataSync<'float32'>().slice();
  });
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

// How far probabilities may move where weights are off by so many dB: what noise of that size, relative to the weights, does to
// sums of a few layers, ten times over.
const quality = { lossless: 0, 36: 0.03, 20: 0.15 };

describe('a layers model saved by tfjs', () => {
  test.each<[string, CompressSettings, number]>([
    ['without loss', { lossless: true }, quality.lossless],
    ['with nothing said', {}, quality[36]],
    ['to 20 dB', { snr: 20 }, quality[20]],
  ])(
    'is compressed %s and has the same topology and close answers; a second pass changes nothing',
    async (_, settings, off) => {
      const net = network();
      const artifacts = await saved(net);
      const { model, notes } = fromModelArtifacts(artifacts as never);
      expect(notes).toEqual([]);
      const { bytes, report } = await compressModel(model, settings);
      expect(bytes.length).toBeLessThan(report.rawBytes);

      const { modelTopology, format, generatedBy, convertedBy, weightSpecs } = await pareFile(bytes).load();
      expect({ modelTopology, format, generatedBy, convertedBy, weightSpecs }).toEqual({
        ...artifacts,
        weightData: undefined,
      });
      const loaded = await tfl.loadLayersModel(pareFile(bytes));
      const images = draw(8 * 12 * 12 * 3);
      const answers = predict(loaded, images);
      expect(largestDifference(answers, predict(net, images))).toBeLessThanOrEqual(off);

      const second = await compressModel(decodeModel(bytes), settings);
      expect(second.bytes).toEqual(bytes);
      // By way of tfjs's own files, too.
      const { files } = await tfjsExporter.write(decodeModel(bytes), 'model');
      const third = await compressModel((await importModel(memorySource(files))).model, settings);
      expect(third.bytes.length).toBeLessThanOrEqual(bytes.length);
      expect(predict(await tfl.loadLayersModel(pareFile(third.bytes)), images)).toEqual(answers);
    },
  );
});

const data = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;

describe.skipIf(!existsSync(`${data}/lenet`))('a LeNet trained elsewhere', () => {
  test.each([
    ['lenet-300-100_dense', lenet300()],
    ['lenet-5_dense', lenet5()],
    ['lenet-300-100_dns-sparse', lenet300()],
    ['lenet-5_dns-sparse', lenet5()],
  ])('is loaded as a layers model: %s', async (name, layers) => {
    const file = readFileSync(`${data}/lenet/${name}.safetensors`);
    const { model: read } = await importModel(memorySource({ 'net.safetensors': file }));
    const model = withWeights(layers, read.weights, name);
    const { bytes } = await compressModel(model, { coding: 'fast' });
    const net = await tfl.loadLayersModel(pareFile(bytes));
    const images = draw(3 * 784).map((value) => Math.abs(value) / 2);
    expect(predict(net, images)).toEqual(predict(buildLayersModel(decodeModel(bytes)), images));
    // Logits, which are around 10.
    expect(largestDifference(predict(net, images), predict(buildLayersModel(model), images))).toBeLessThan(1);
  });
});
