import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CorruptDataError, elementCount, type ImportedModel, type Importer, type Model } from '@pare/core';
import { describeImporter, type ImporterSample, referenceForward } from '@pare/testkit';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { importModel, memorySource } from '../src/index.ts';
import { kerasConfig } from '../src/keras/config.ts';
import { keras, kerasH5 } from '../src/keras/read.ts';
import { toModelArtifacts } from '../src/tfjs.ts';
import { type H5, writeHdf5 } from './_hdf5.ts';
import { shapesOf, utf8 } from './_samples.ts';

const vector = (name: string): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(new URL(`vectors/keras/${name}.gz`, import.meta.url))));

/** What Keras answered to the image that `picture` makes. */
const answers: Readonly<Record<string, { readonly output: readonly number[] }>> = JSON.parse(
  readFileSync(new URL('vectors/keras/answers.json', import.meta.url), 'utf8'),
);

const read = (importer: Importer, name: string, bytes: Uint8Array): Promise<ImportedModel> =>
  importer.read(memorySource({ [name]: bytes }));

/** As `make.py` makes it, `[H, W, C]`. */
const picture = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 101 - 0.5);

function channelsFirst(pixels: Float32Array, [channels = 1, height = 1, width = 1]: readonly number[]): Float32Array {
  return pixels.map((_, i) => {
    const [channel, place] = [Math.floor(i / (height * width)), i % (height * width)];
    return pixels[place * channels + channel]!;
  });
}

/** The largest difference between what the model answers here and what Keras answered. */
function errorOf(model: Model, expected: readonly number[]): number {
  const { outputShape } = model.layers[0]!;
  const output = referenceForward(model, channelsFirst(picture(elementCount(outputShape)), outputShape));
  return Math.max(...expected.map((value, i) => Math.abs(value - output[i]!)));
}

describe('what Keras saved', () => {
  test.each([
    ['cnn.h5', kerasH5],
    ['cnn.keras', keras],
  ])('%s answers as in Keras', async (name, importer) => {
    const { model, notes } = await read(importer, name, vector(name));
    expect(notes).toEqual([]);
    // Keras adds in float32: some 50 additions of numbers below 2, each rounded to 2^-24 of its sum.
    expect(errorOf(model, answers.cnn!.output)).toBeLessThan(50 * 2 * 2 ** -24);
    expect(shapesOf(model)).toEqual({
      'conv1/kernel': [4, 3, 3, 3],
      'bn1/gamma': [4],
      'bn1/beta': [4],
      'bn1/mean': [4],
      'bn1/variance': [4],
      'dw/kernel': [4, 1, 3, 3],
      'dw/bias': [4],
      'conv2/kernel': [2, 4, 1, 1],
      'conv2/bias': [2],
      'fc/kernel': [5, 12],
      'fc/bias': [5],
    });
  });

  test.each([
    ['nested.h5', kerasH5],
    ['nested.keras', keras],
  ])('%s: a model within a model, a separable convolution, weights in float16', async (name, importer) => {
    const { model, notes } = await read(importer, name, vector(name));
    expect(notes).toEqual([]);
    // Its last layer computes in float16: 11 bits.
    expect(errorOf(model, answers.nested!.output)).toBeLessThan(2 ** -10);
    expect(model.layers.map(({ kind, name: layer }) => `${kind} ${layer}`)).toContain('conv2d separable/depthwise');
  });

  test('weights alone have names, and stay as they are', async () => {
    const { model, notes } = await read(kerasH5, 'cnn.weights.h5', vector('cnn.weights.h5'));
    const whole = await read(kerasH5, 'cnn.h5', vector('cnn.h5'));
    expect(model.layers).toEqual([]);
    expect(notes).toEqual([
      '"cnn.weights.h5" has weights, but no layers: its kernels stay as Keras has them, outputs last',
    ]);
    expect(shapesOf(model)).toMatchObject({
      'conv1/kernel': [3, 3, 3, 4],
      'dw/depthwise_kernel': [3, 3, 4, 1],
      'bn1/moving_variance': [4],
      'fc/kernel': [12, 5],
    });
    const bias = (of: Model) => of.weights.find((weight) => weight.name === 'fc/bias')!.form;
    expect(bias(model)).toEqual(bias(whole.model));
  });

  test('loads into tfjs, which answers as Keras did', async () => {
    await tf.setBackend('cpu');
    const plain = { ...vectorWithout('hard_sigmoid') };
    const { model } = await read(kerasH5, 'cnn.h5', plain.bytes);
    const net = await tfl.loadLayersModel(tf.io.fromMemory(toModelArtifacts(model)));
    const output = tf.tidy(() => (net.predict(tf.tensor(picture(8 * 6 * 3), [1, 8, 6, 3])) as tf.Tensor).dataSync());
    const expected = referenceForward(model, channelsFirst(picture(8 * 6 * 3), [3, 8, 6]));
    expect(Math.max(...expected.map((value, i) => Math.abs(value - output[i]!)))).toBeLessThan(1e-6);
    net.dispose();
  });

  test('is found among all importers', async () => {
    for (const name of ['cnn.h5', 'cnn.keras', 'cnn.weights.h5']) {
      expect((await importModel(memorySource({ [name]: vector(name) }))).model.weights).toHaveLength(11);
    }
  });
});

/** tfjs has another hard sigmoid than Keras 3: this takes it out of the file, text for text of the same length. */
function vectorWithout(activation: string): { readonly bytes: Uint8Array } {
  const bytes = Buffer.from(vector('cnn.h5'));
  const at = bytes.indexOf(`"${activation}"`);
  bytes.write(`"relu"${' '.repeat(activation.length - 4)}`, at);
  return { bytes: new Uint8Array(bytes) };
}

// ── files made here, in the layout of older versions ──────────────────────────────────────────────────────────────────

const dense = {
  class_name: 'Dense',
  config: { name: 'fc', units: 2, activation: 'relu', batch_input_shape: [null, 3] },
};
const config = JSON.stringify({ class_name: 'Sequential', config: { name: 'small', layers: [dense] } });
const kernel = Float32Array.of(1, 2, 3, 4, 5, 6); // [3, 2]
const bias = Float32Array.of(7, 8);

/** As tf.keras 2 writes it: `fc` has `fc/kernel:0`. */
const keras2: H5 = {
  attributes: { model_config: config, keras_version: '2.4.0', backend: 'tensorflow' },
  members: {
    model_weights: {
      attributes: { layer_names: ['fc'], keras_version: '2.4.0', backend: 'tensorflow' },
      members: {
        fc: {
          attributes: { weight_names: ['fc/kernel:0', 'fc/bias:0'] },
          members: { fc: { members: { 'kernel:0': { data: kernel, shape: [3, 2] }, 'bias:0': { data: bias } } } },
        },
      },
    },
  },
};

/** As Keras 1 writes it: a list for a configuration, underscores in names. */
const keras1: H5 = {
  attributes: {
    model_config: JSON.stringify({
      class_name: 'Sequential',
      config: [
        {
          class_name: 'Dense',
          config: { name: 'fc', output_dim: 2, activation: 'relu', batch_input_shape: [null, 3] },
        },
      ],
    }),
    keras_version: '1.2.2',
  },
  members: {
    model_weights: {
      attributes: { layer_names: ['fc'] },
      members: {
        fc: {
          attributes: { weight_names: ['fc_W', 'fc_b'] },
          members: { fc_W: { data: kernel, shape: [3, 2] }, fc_b: { data: bias } },
        },
      },
    },
  },
};

const isSmall = ({ model }: ImportedModel): void => {
  expect(model.layers.map((layer) => layer.kind)).toEqual(['input', 'dense', 'relu']);
  expect(model.weights.map(({ name, form }) => [name, form])).toEqual([
    ['fc/kernel', { kind: 'dense', values: Float32Array.of(1, 3, 5, 2, 4, 6) }],
    ['fc/bias', { kind: 'dense', values: bias }],
  ]);
};

describe('older files', () => {
  test.each([
    ['Keras 2', keras2],
    ['Keras 1', keras1],
  ])('of %s', async (_, file) => isSmall(await read(kerasH5, 'model.h5', await writeHdf5(file))));

  test('with names too many for one attribute', async () => {
    const count = 40;
    const layers = Array.from({ length: count }, (_, i) => `layer_${i}`);
    const file: H5 = {
      attributes: { layer_names0: layers.slice(0, 25), layer_names1: layers.slice(25) },
      members: Object.fromEntries(
        layers.map((name) => [
          name,
          {
            attributes: { weight_names: [`${name}/bias:0`] },
            members: { [name]: { members: { 'bias:0': { data: bias } } } },
          },
        ]),
      ),
    };
    const { model } = await read(kerasH5, 'model.weights.h5', await writeHdf5(file));
    expect(model.weights.map(({ name }) => name)).toEqual(layers.map((name) => `${name}/bias`));
  });
});

describe('what cannot be kept is named', () => {
  const broken = (change: (weights: Record<string, H5>) => void): Promise<Uint8Array> => {
    const file = structuredClone(keras2) as {
      members: { model_weights: { members: { fc: { members: { fc: { members: Record<string, H5> } } } } } };
    };
    change(file.members.model_weights.members.fc.members.fc.members);
    return writeHdf5(file as H5);
  };

  test('numbers that are none', async () => {
    const bytes = await broken((weights) => {
      weights['bias:0'] = { data: Float32Array.of(1, Number.NaN) };
    });
    const { notes } = await read(kerasH5, 'model.h5', bytes);
    expect(notes).toEqual(['"fc/bias" is NaN at index 1, and weights are finite: left out']);
  });

  test('files beside the weights', async () => {
    const entries = {
      'config.json': utf8(config),
      'assets/words.txt': utf8('a'),
      'model.weights.h5': await weightsOnly(),
    };
    const { notes, model } = await read(keras, 'model.keras', zipSync(entries));
    expect(notes).toEqual(['"assets/words.txt" is no part of a network: left out']);
    expect(model.weights.map(({ name }) => name)).toEqual(['fc/kernel', 'fc/bias']);
  });

  test('a weight that is listed and not there', async () => {
    const bytes = await broken((weights) => {
      delete weights['bias:0'];
    });
    await expect(read(kerasH5, 'model.h5', bytes)).rejects.toThrow(
      new CorruptDataError('bad-model', 0, '"fc/bias:0" of layer "fc" is not in the file'),
    );
  });

  test('a .keras file without weights', async () => {
    const bytes = zipSync({ 'config.json': utf8(config) });
    expect(keras.recognizes({ name: 'model.keras', bytes })).toBe(false);
    await expect(read(keras, 'model.keras', bytes)).rejects.toThrow('"model.keras" has no model.weights.h5 in it');
  });
});

const weightsOnly = (): Promise<Uint8Array> =>
  writeHdf5({
    members: {
      layers: {
        members: {
          dense: { members: { vars: { members: { 0: { data: kernel, shape: [3, 2] }, 1: { data: bias } } } } },
        },
      },
      vars: { members: {} },
    },
  });

test('a convolution of Keras 1 is put into the words of Keras 2', () => {
  const settings = {
    name: 'conv',
    nb_filter: 8,
    nb_row: 3,
    nb_col: 5,
    subsample: [2, 2],
    border_mode: 'same',
    dim_ordering: 'tf',
  };
  expect(
    kerasConfig({ class_name: 'Sequential', config: [{ class_name: 'Convolution2D', config: settings }] }, '1.2.2'),
  ).toEqual({
    class_name: 'Sequential',
    config: [
      {
        class_name: 'Conv2D',
        config: {
          name: 'conv',
          filters: 8,
          kernel_size: [3, 5],
          nb_row: 3,
          nb_col: 5,
          strides: [2, 2],
          padding: 'same',
          dim_ordering: 'tf',
          data_format: 'channels_last',
        },
      },
    ],
  });
});

test('a configuration of Keras 3 is put into the words of Keras 2', () => {
  const tensor = { class_name: '__keras_tensor__', config: { shape: [null, 3], keras_history: ['image', 0, 0] } };
  const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' } };
  const relu = { module: 'builtins', class_name: 'function', config: 'relu', registered_name: 'function' };
  const layer = {
    module: 'keras.layers',
    class_name: 'Dense',
    config: {
      name: 'fc',
      trainable: true,
      dtype: policy,
      units: 2,
      activation: relu,
      kernel_initializer: { class_name: 'Zeros' },
    },
    registered_name: null,
    build_config: { input_shape: [null, 3] },
    inbound_nodes: [{ args: [tensor], kwargs: { mask: null } }],
  };
  expect(kerasConfig({ class_name: 'Functional', config: { layers: [layer] } }, '3.5.0')).toEqual({
    class_name: 'Functional',
    config: {
      layers: [
        {
          class_name: 'Dense',
          config: { name: 'fc', dtype: 'float32', units: 2, activation: 'relu' },
          inbound_nodes: [[['image', 0, 0, {}]]],
        },
      ],
    },
  });
});

// ── the contract ──────────────────────────────────────────────────────────────────────────────────────────────────────

const sample = (
  name: string,
  bytes: Uint8Array,
  check?: (imported: ImportedModel) => void,
  notes: readonly string[] = [],
): ImporterSample => ({
  name,
  files: new Map([[name, bytes]]),
  notes,
  ...(check && { check }),
});

describeImporter('keras-h5', kerasH5, {
  samples: [
    sample('keras2.h5', await writeHdf5(keras2), isSmall),
    sample('keras1.h5', await writeHdf5(keras1), isSmall),
    sample('cnn.h5', vector('cnn.h5')),
    sample('alone.weights.h5', await weightsOnly(), undefined, ['no layers']),
  ],
  strangers: [
    { name: 'cnn.keras', bytes: vector('cnn.keras') },
    { name: 'other.h5', bytes: await writeHdf5({ members: { temperature: { data: bias } } }) },
  ],
});

describeImporter('keras', keras, {
  samples: [sample('cnn.keras', vector('cnn.keras')), sample('nested.keras', vector('nested.keras'))],
  strangers: [
    { name: 'cnn.h5', bytes: vector('cnn.h5') },
    { name: 'arrays.npz', bytes: zipSync({ 'a.npy': new Uint8Array(80) }) },
  ],
});
