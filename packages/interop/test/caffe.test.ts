import type { Layer } from '@pare/core';
import { describeImporter, referenceForward } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { caffe } from '../src/caffe/read.ts';
import { importModel, memorySource } from '../src/index.ts';
import { numbersOf, shapesOf, utf8, vectors } from './_samples.ts';

const vector = vectors('caffe');
const ramp = (length: number) => Array.from({ length }, (_, i) => i / 8);
const wiring = (layers: readonly Layer[]) =>
  layers.map(({ name, kind, inputs, outputShape }) => `${kind} ${name}(${inputs}) ${outputShape.join('×')}`);

const DEPLOY = `
# what runs after training
name: "tiny deploy"
input: "data" input_shape { dim: 1 dim: 1 dim: 6 dim: 6 }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  param { lr_mult: 1 } param { lr_mult: 2 }
  convolution_param { num_output: 2 kernel_size: 3 pad: 1 weight_filler { type: 'xavier' } } }
layer { name: "bn1" type: "BatchNorm" bottom: "conv1" top: "bn1" batch_norm_param { use_global_stats: true } }
layer { name: "scale1" type: "Scale" bottom: "bn1" top: "scale1" scale_param { bias_term: true } }
layer { name: "pool" type: "Pooling" bottom: "scale1" top: "pool" pooling_param { pool: AVE global_pooling: true } }
`;

describeImporter('caffe', caffe, {
  samples: [
    {
      name: 'a snapshot of training',
      files: new Map([['tiny_iter_100.caffemodel', vector('snapshot')]]),
      notes: ['layer "odd" (PReLU) cannot be run here', 'layer "accuracy" (Accuracy) serves training: left out'],
      check({ model }) {
        expect(model.name).toBe('tiny');
        expect(wiring(model.layers)).toEqual([
          'input mnist() 1×6×6',
          'conv2d conv1(mnist) 2×6×6',
          'batchnorm bn1(conv1) 2×6×6',
          'relu relu1(bn1) 2×6×6',
          'pool pool1(relu1) 2×3×3',
          'conv2d left(pool1) 2×3×3',
          'add sum(left,pool1) 2×3×3',
          'lrn norm(sum) 2×3×3',
          'foreign odd(norm) 2×3×3',
          'concat both(norm,odd) 4×3×3',
          'flatten both/flatten(both) 36',
          'dense ip(both/flatten) 2',
          'softmax loss(ip) 2',
        ]);
        expect(model.layers[0]).toMatchObject({ preprocess: { scale: 0.5, mean: [4] } });
        expect(model.layers[2]).toMatchObject({ epsilon: 0.25 });
        expect(model.layers[4]).toMatchObject({ mode: 'max', rounding: 'ceil' });
        expect(model.layers[7]).toMatchObject({ size: 3, alpha: 0.125, beta: 0.75, k: 1 });
        expect(numbersOf(model)).toEqual({
          'conv1/kernel': ramp(18),
          'conv1/bias': [1, -1],
          'bn1/mean': [1, 2],
          'bn1/variance': [4, 8],
          'bn1/gamma': [3, 5],
          'bn1/beta': [0.5, -0.5],
          'left/kernel': ramp(4),
          'odd/0': [0.25, 0.5],
          'ip/kernel': ramp(72),
          'ip/bias': [0, 1],
        });
      },
    },
    {
      name: 'a snapshot with a text beside it',
      files: new Map([
        ['tiny_iter_100.caffemodel', vector('snapshot')],
        ['tiny.prototxt', utf8(DEPLOY)],
      ]),
      notes: ['"left" belong to no layer', '"odd" belong to no layer', '"ip" belong to no layer'],
      check({ model }) {
        expect(model.name).toBe('tiny deploy');
        expect(wiring(model.layers)).toEqual([
          'input data() 1×6×6',
          'conv2d conv1(data) 2×6×6',
          'batchnorm bn1(conv1) 2×6×6',
          'pool pool(bn1) 2×1×1',
        ]);
      },
    },
    {
      name: 'a text with its weights beside it',
      files: new Map([
        ['net.prototxt', utf8(DEPLOY)],
        ['net.caffemodel', vector('snapshot')],
      ]),
      notes: ['"left"', '"odd"', '"ip"'],
    },
    {
      name: 'a network of 2013',
      files: new Map([['old.caffemodel', vector('old')]]),
      check({ model }) {
        expect(wiring(model.layers)).toEqual([
          'input data() 2×4×4',
          'conv2d conv1(data) 2×2×2',
          'activation relu1(conv1) 2×2×2',
          'flatten relu1/flatten(relu1) 8',
          'dense ip1(relu1/flatten) 3',
          'softmax prob(ip1) 3',
        ]);
        expect(model.layers[1]).toMatchObject({ groups: 2 });
        expect(shapesOf(model)).toEqual({
          'conv1/kernel': [2, 1, 3, 3],
          'conv1/bias': [2],
          'ip1/kernel': [3, 8],
          'ip1/bias': [3],
        });
        const output = referenceForward(model, new Float32Array(32).fill(1));
        expect(output.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      },
    },
    {
      name: 'raw and double numbers',
      files: new Map([['raw.caffemodel', vector('raw')]]),
      check: ({ model }) => expect(numbersOf(model)).toEqual({ 'ip/kernel': [0.5, -2], 'ip/bias': [0.75] }),
    },
  ],
  strangers: [
    { name: 'notes.prototxt', bytes: utf8('this is a list of layers { }') },
    { name: 'labels.caffemodel', bytes: utf8('0 tench\n1 goldfish\n') },
  ],
});

describe('Caffe', () => {
  const read = (text: string) =>
    importModel(memorySource({ 'a.prototxt': utf8(text), 'a.caffemodel': vector('snapshot') }));
  const INPUT =
    'name: "a" layer { name: "data" type: "Input" top: "data" input_param { shape { dim: [1, 1, 6, 6] } } }';

  test('says which layer the weights are absent of, and that files may not belong together', async () => {
    await expect(
      read(
        `${INPUT} layer { name: "conv9" type: "Convolution" bottom: "data" top: "x" convolution_param { kernel_size: 1 } }`,
      ),
    ).rejects.toThrow(
      'layer "conv9" needs 2 weights, the .caffemodel has 0 of that name: do the two files belong together?',
    );
    await expect(
      read(
        `${INPUT} layer { name: "conv1" type: "Convolution" bottom: "data" top: "x" convolution_param { num_output: 2 kernel_size: 5 } }`,
      ),
    ).rejects.toThrow('"conv1/kernel" has shape [2, 1, 3, 3], its layer expects [2, 0.36, 5, 5]');
  });

  test('says where a text is wrong', async () => {
    await expect(read('name: "a"\nlayer {\n  name: conv }')).rejects.toThrow(
      'line 3: "name" expected a text in quotes, got conv',
    );
    await expect(read('name: "a"\nlayer {')).rejects.toThrow('line 2: "}" is missing at the end');
    await expect(read(`name: "a" ${'a { '.repeat(40)}`)).rejects.toThrow('more than 32 messages within each other');
    await expect(read('name: "a" input: "\n"')).rejects.toThrow('is no token');
  });

  test('asks for the weights of a text', async () => {
    await expect(importModel(memorySource({ 'a.prototxt': utf8(DEPLOY) }))).rejects.toThrow(
      '"a.prototxt" needs "a.caffemodel" beside it, which is not there',
    );
  });

  test('reads texts of old, layers for tests only, and windows that are not square', async () => {
    const { model } = await read(`
      name: "a" input: "data" input_dim: 1 input_dim: 1 input_dim: 6 input_dim: 6
      layers { name: "conv1" type: CONVOLUTION bottom: "data" top: "x" convolution_param { num_output: 2 kernel_h: 9 kernel_w: 1 pad_h: 4 } }
      layers { name: "p" type: POOLING bottom: "x" top: "x" pooling_param { pool: MAX kernel_size: 2 } include: { phase: TRAIN } }
      layers { name: "q" type: POOLING bottom: "x" top: "x" pooling_param { kernel_size: 2 stride: 2 round_mode: FLOOR } exclude { phase: TRAIN } }
      layers { name: "prob" type: SOFTMAX_LOSS bottom: "x" top: "x" }`);
    expect(wiring(model.layers)).toEqual([
      'input data() 1×6×6',
      'conv2d conv1(data) 2×6×6',
      'pool q(conv1) 2×3×3',
      'foreign prob(q) 2×3×3',
    ]);
  });
});
