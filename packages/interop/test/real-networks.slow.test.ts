import { existsSync, readFileSync } from 'node:fs';
import { squeezenet, withWeights } from '@pare/architectures';
import { type Layer, type Model, parameterCount } from '@pare/core';
import { denseValues, referenceForward } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { readNetwork } from '../src/caffe/network.ts';
import { type BlobProto, NET } from '../src/caffe/schema.ts';
import { importModel, memorySource } from '../src/index.ts';
import { parseText } from '../src/protobuf/text.ts';

// Networks that others trained, with what their own programs computed, if the data folder is there.

const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;

/** Reads a model, or says that it is absent. */
async function read(path: string): Promise<Model | undefined> {
  if (!existsSync(`${folder}/${path}`)) {
    console.warn(`skipped: no ${folder}/${path}; set PARE_DATA to the data folder`);
    return undefined;
  }
  const { model, notes } = await importModel(memorySource({ [path]: readFileSync(`${folder}/${path}`) }));
  expect(notes).toEqual([]);
  return model;
}

const valuesOf = ({ weights }: Model, name: string): Float32Array =>
  denseValues(weights.find((weight) => weight.name === name)!.form);

test.each([
  { version: '1.0', file: 'v1.0_caffe_dense', softmax: true, count: 1_248_424 },
  { version: '1.1', file: 'v1.1_dense', softmax: false, count: 1_235_496 },
] as const)(
  'SqueezeNet v$version computes what its own program computed',
  async ({ version, file, softmax, count }) => {
    const weights = await read(`squeezenet/squeezenet_${file}.safetensors`);
    const selftest = await read(`squeezenet/squeezenet_${file}.selftest.safetensors`);
    if (!weights || !selftest) return;
    const model = withWeights(squeezenet({ version, softmax }), weights.weights);
    expect(parameterCount(model)).toBe(count);
    const output = referenceForward(model, valuesOf(selftest, 'input'));
    const expected = valuesOf(selftest, 'output');
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = output.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / largest;
    console.log(`SqueezeNet v${version}: differs by at most ${worst.toExponential(1)} of the largest output`);
    // 26 layers of float32 sums there, of float64 sums here: each rounds by some 2⁻²⁴ of its largest terms.
    expect(worst).toBeLessThan(1e-5);
  },
);

describe('texts that their authors published', () => {
  /** Reads a text with weights of zeros. */
  function readText(path: string): readonly Layer[] | undefined {
    if (!existsSync(`${folder}/${path}`)) {
      console.warn(`skipped: no ${folder}/${path}; set PARE_DATA to the data folder`);
      return undefined;
    }
    const net = parseText(NET, readFileSync(`${folder}/${path}`, 'utf8'));
    const channels: Record<string, number> = { data: 3 };
    const blobs = new Map<string, readonly BlobProto[]>();
    for (const { name = '', bottom = [], top = [], convolution_param: conv, inner_product_param: ip } of net.layer ??
      []) {
      const inputs = bottom.reduce((sum, blob) => sum + channels[blob]!, 0);
      const outputs = conv?.num_output ?? ip?.num_output ?? inputs;
      channels[top[0]!] = outputs;
      const window = (conv?.kernel_size?.[0] ?? 1) ** 2;
      const flat = ip && name === 'fc6' ? 36 : 1;
      const kernel = new Float32Array((outputs * inputs * window * flat) / (conv?.group ?? 1));
      const blob = (data: Float32Array): BlobProto => ({ data, shape: { dim: [data.length] } });
      if (conv || ip) blobs.set(name, [blob(kernel), blob(new Float32Array(outputs))]);
    }
    const { layers, notes } = readNetwork(net, blobs);
    expect(notes).toEqual([]);
    return layers;
  }
  const plain = (layers: readonly Layer[]) =>
    layers
      .filter(({ kind }) => kind !== 'flatten')
      .map(({ name: _, inputs, ...layer }) => ({
        ...Object.fromEntries(Object.entries(layer).filter(([key]) => !['kernel', 'bias', 'preprocess'].includes(key))),
        takes: inputs.length,
      }));

  test('SqueezeNet v1.0 is the one of @pare/architectures', () => {
    const layers = readText('squeezenet/SqueezeNet_deploy.prototxt');
    if (layers) expect(plain(layers)).toEqual(plain(squeezenet()));
  });

  test('AlexNet has two groups, local response normalisation, and flattens 256 maps of 6 × 6', () => {
    const layers = readText('alexnet-pq/bvlc_alexnet_deploy.prototxt');
    if (!layers) return;
    expect(layers.filter(({ kind }) => kind === 'lrn')).toHaveLength(2);
    expect(layers.find(({ name }) => name === 'conv2')).toMatchObject({ groups: 2, outputShape: [256, 27, 27] });
    expect(layers.find(({ kind }) => kind === 'flatten')).toMatchObject({ outputShape: [9216] });
    expect(layers.at(-1)).toMatchObject({ kind: 'softmax', outputShape: [1000] });
  });
});
