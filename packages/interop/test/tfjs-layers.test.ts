import { initialize, lenet5, squeezenet } from '@pare/architectures';
import { elementCount, type Layer, type Model, seededRandom } from '@pare/core';
import { referenceForward } from '@pare/testkit';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { importModel, memorySource } from '../src/index.ts';
import { fromModelArtifacts, tfjsExporter, toModelArtifacts } from '../src/tfjs.ts';

beforeAll(() => tf.setBackend('cpu'));

const random = seededRandom(3);

/** Draws new weights for all of a network, variances above zero. */
function drawn(net: tfl.LayersModel): tfl.LayersModel {
  for (const layer of net.layers) {
    const tensors = layer.getWeights().map((tensor, i) => {
      const positive = layer.weights[i]!.name.includes('variance');
      const values = Float32Array.from({ length: tensor.size }, () =>
        positive ? 0.5 + random.float() : random.float() - 0.5,
      );
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
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON({ modelTopology: {} }) };
    }),
  );
  return artifacts;
}

/** A small network with everything that layers say. */
function everything(): tfl.LayersModel {
  const input = tfl.input({ shape: [9, 8, 2], name: 'image' });
  const on = (layer: tfl.layers.Layer, ...inputs: tfl.SymbolicTensor[]): tfl.SymbolicTensor =>
    layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as tfl.SymbolicTensor;
  let x = on(
    tfl.layers.zeroPadding2d({
      padding: [
        [0, 1],
        [1, 0],
      ],
      name: 'pad',
    }),
    input,
  );
  x = on(
    tfl.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', name: 'conv1' }),
    x,
  );
  const left = on(
    tfl.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', useBias: false, name: 'dw' }),
    x,
  );
  const normal = on(tfl.layers.batchNormalization({ name: 'bn' }), left);
  const right = on(
    tfl.layers.separableConv2d({
      filters: 8,
      kernelSize: [3, 2],
      padding: 'same',
      activation: 'relu6' as never,
      name: 'separable',
    }),
    x,
  );
  const sum = on(tfl.layers.add({ name: 'sum' }), normal, right);
  const both = on(
    tfl.layers.concatenate({ name: 'both' }),
    sum,
    on(tfl.layers.averagePooling2d({ poolSize: 3, strides: 1, padding: 'same', name: 'average' }), x),
  );
  x = on(tfl.layers.maxPooling2d({ poolSize: 2, padding: 'same', name: 'pool' }), both);
  const flat = on(tfl.layers.flatten({ name: 'flat' }), on(tfl.layers.dropout({ rate: 0.5, name: 'drop' }), x));
  const normalFlat = on(tfl.layers.batchNormalization({ name: 'bn-flat', center: false }), flat);
  const hidden = on(tfl.layers.dense({ units: 6, activation: 'tanh', name: 'hidden' }), normalFlat);
  const mean = on(tfl.layers.globalAveragePooling2d({ name: 'mean' } as never), both);
  const square = on(tfl.layers.reshape({ targetShape: [1, 1, 12], name: 'square' }), mean);
  const point = on(tfl.layers.conv2d({ filters: 6, kernelSize: 1, name: 'point' }), square);
  const line = on(tfl.layers.reshape({ targetShape: [6], name: 'line' }), point);
  const out = on(
    tfl.layers.dense({ units: 5, activation: 'softmax', name: 'answer' }),
    on(tfl.layers.add({ name: 'joined' }), hidden, line),
  );
  return drawn(tfl.model({ inputs: input, outputs: out, name: 'everything' }));
}

const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.float() - 0.5);

function predict(net: tfl.LayersModel, values: Float32Array): Float32Array {
  return tf.tidy(() => {
    const input = tf.tensor(values, [1, ...net.inputs[0]!.shape.slice(1)] as number[]);
    return (net.predict(input) as tf.Tensor).dataSync<'float32'>().slice();
  });
}

/** What the layers themselves compute, of data with channels last. */
function computed(model: Model, values: Float32Array): Float64Array {
  const [c = 1, h = 1, w = 1] = model.layers[0]!.outputShape;
  const first = Float32Array.from(
    { length: values.length },
    (_, i) => values[(i % (h * w)) * c + Math.floor(i / (h * w))]!,
  );
  return referenceForward(model, first);
}

// Sums of some hundred products of float32 in another order, relative to results around 1.
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(2e-6);
}

describe('a layers model', () => {
  test('becomes layers that compute what it computes', async () => {
    const net = everything();
    const { model, notes } = fromModelArtifacts((await saved(net)) as never);
    expect(notes).toEqual([]);
    expect(model.name).toBe('everything');
    expect(model.layers.map(({ kind, name }: Layer) => `${kind} ${name}`)).toMatchInlineSnapshot(`
      [
        "input image",
        "conv2d conv1",
        "relu conv1/relu",
        "conv2d dw",
        "batchnorm bn",
        "conv2d separable/depthwise",
        "conv2d separable",
        "activation separable/relu6",
        "add sum",
        "pool average",
        "concat both",
        "pool pool",
        "pool mean",
        "flatten flat",
        "batchnorm bn-flat",
        "conv2d point",
        "dense hidden",
        "activation hidden/tanh",
        "flatten line",
        "add joined",
        "dense answer",
        "softmax answer/softmax",
      ]
    `);
    const values = draw(9 * 8 * 2);
    expectClose(computed(model, values), predict(net, values));
  });

  test('comes back as itself', async () => {
    const net = everything();
    const artifacts = await saved(net);
    const { model } = fromModelArtifacts(artifacts as never);
    const back = toModelArtifacts(model);
    const { weightData, ...rest } = artifacts;
    expect({ ...back, weightData: undefined }).toEqual({ ...rest, weightData: undefined });
    expect(new Uint8Array(back.weightData)).toEqual(new Uint8Array(weightData as ArrayBuffer));
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(back as never));
    const values = draw(9 * 8 * 2);
    expect(predict(loaded, values)).toEqual(predict(net, values));
  });

  test('in a model, or in a sequence, is unrolled', async () => {
    const inner = tfl.sequential({
      name: 'inner',
      layers: [tfl.layers.dense({ inputShape: [4], units: 3, activation: 'relu', name: 'a' })],
    });
    const input = tfl.input({ shape: [4], name: 'x' });
    const outer = drawn(
      tfl.model({
        inputs: input,
        outputs: tfl.layers.dense({ units: 2, name: 'b' }).apply(inner.apply(input)) as tfl.SymbolicTensor,
      }),
    );
    const { model, notes } = fromModelArtifacts((await saved(outer)) as never);
    expect(notes).toEqual([]);
    expect(model.layers.map(({ name }) => name)).toEqual(['x', 'a', 'a/relu', 'b']);
    const values = draw(4);
    expectClose(computed(model, values), predict(outer, values));
  });

  test('keeps what the house has no word for as foreign layers with their weights', async () => {
    const net = tfl.sequential({
      layers: [
        tfl.layers.embedding({ inputShape: [5], inputDim: 9, outputDim: 4, name: 'words' }),
        tfl.layers.lstm({ units: 3, recurrentInitializer: 'glorotUniform', name: 'memory' }),
        tfl.layers.dense({ units: 2, name: 'answer' }),
      ],
    });
    const { model, notes } = fromModelArtifacts((await saved(net)) as never);
    expect(notes).toEqual([
      '"words": Embedding cannot be represented; it keeps its place and weights',
      '"memory": LSTM cannot be represented; it keeps its place and weights',
    ]);
    expect(model.layers.slice(1)).toMatchObject([
      { kind: 'foreign', operation: 'Embedding', weights: ['words/embeddings'] },
      {
        kind: 'foreign',
        operation: 'LSTM',
        outputShape: [3],
        weights: ['memory/kernel', 'memory/recurrent_kernel', 'memory/bias'],
      },
      { kind: 'dense', outputShape: [2], inputs: ['memory'] },
    ]);
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(toModelArtifacts(model) as never));
    const words = Float32Array.of(1, 8, 0, 3, 3);
    expect(predict(loaded, words)).toEqual(predict(net, words));
  });

  test('of any size of image has shapes of 0 where the size matters', async () => {
    const net = tfl.sequential({
      layers: [
        tfl.layers.conv2d({
          inputShape: [null, null, 3],
          filters: 4,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          name: 'conv',
        }),
        tfl.layers.globalAveragePooling2d({ name: 'mean' } as never),
        tfl.layers.dense({ units: 2, name: 'answer' }),
      ],
    });
    const { model, notes } = fromModelArtifacts((await saved(net)) as never);
    expect(notes).toEqual([
      'input "data" takes data of any size: shapes that depend on it say 0',
      '"conv" pads by the size of its input, which is not known: taken for a multiple of its stride',
      '"mean": GlobalAveragePooling2D cannot be represented: the size of its input is not known; it keeps its place',
    ]);
    expect(model.layers.map(({ outputShape }) => outputShape)).toEqual([[3, 0, 0], [4, 0, 0], [4], [2]]);
  });
});

describe('a model from elsewhere', () => {
  test.each(['1.0', '1.1'] as const)(
    'becomes a layers model that computes the same: SqueezeNet v%s',
    async (version) => {
      const layers = squeezenet({ version, side: version === '1.0' ? 63 : 56, classes: 10, softmax: true });
      const model = initialize(layers, random.fork(version), 'squeezenet');
      const net = await tfl.loadLayersModel(tf.io.fromMemory(toModelArtifacts(model) as never));
      const values = draw(elementCount(layers[0]!.outputShape));
      expectClose(computed(model, values), predict(net, values));
    },
  );

  test('becomes a layers model with whatever layers there are, and comes back with the same layers', async () => {
    const { model } = fromModelArtifacts((await saved(everything())) as never);
    const { topology: _, ...layers } = model;
    const net = await tfl.loadLayersModel(tf.io.fromMemory(toModelArtifacts(layers) as never));
    const values = draw(9 * 8 * 2);
    expectClose(computed(model, values), predict(net, values));
    const again = fromModelArtifacts((await saved(net)) as never);
    expect(again.notes).toEqual([]);
    expectClose(computed(again.model, values), predict(net, values));
  });

  test('is written to files that read back', async () => {
    const model = initialize(lenet5(), random.fork('files'), 'lenet-5');
    const { files, notes } = await tfjsExporter.write(model, 'lenet');
    expect(notes).toEqual([expect.stringContaining('input "data" is preprocessed')]);
    expect([...files.keys()]).toEqual(['lenet.json', 'lenet.group1-shard1of1.bin']);
    const again = await importModel(memorySource(files));
    expect(again.model.weights).toEqual(model.weights);
  });
});
