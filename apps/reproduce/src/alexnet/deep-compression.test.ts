import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sequence } from '@pare/architectures';
import { denseWeight, seededRandom } from '@pare/core';
import { afterAll, describe, expect, test } from 'vitest';
import { compressKernel, compressNetwork } from './deep-compression.ts';
import { generatedKernel } from './generated.ts';
import { alexnetPublished, type PublishedLayer, vgg16Published } from './published.ts';
import { alexnetNetwork, type Network, shapesOf, vgg16Network, weightSource } from './weights.ts';

const printed = (name: string, density: number, weightBits: number): PublishedLayer => ({
  name,
  density,
  weightBits,
  weightBitsHuffman: 0,
  indexBits: 4,
  indexBitsHuffman: 0,
  rate: 0,
  rateHuffman: 0,
});

const network: Network = {
  name: 'small',
  layers: sequence(
    [2, 6, 6],
    [
      { kind: 'conv2d', name: 'conv1', filters: 16, kernelSize: 3 },
      { kind: 'flatten', name: 'flatten' },
      { kind: 'dense', name: 'fc2', units: 100 },
    ],
  ),
  published: {
    source: 'made up',
    layers: [printed('conv1', 0.5, 8), printed('fc2', 0.05, 5)],
    total: printed('total', 0.06, 5),
    bytes: 1000,
  },
  files: ['none.caffemodel'],
};

describe('compressKernel', () => {
  test('counts entries, fillers and bits of a layer as small as can be followed', () => {
    // 20 weights, 3 of them kept: at 0, 17 and 18. 16 zeros lie between the first two, one more than 4 bits bridge.
    const values = new Float32Array(20);
    values[0] = values[18] = 3;
    values[17] = -2;
    const { form, layer } = compressKernel(denseWeight('ip/kernel', [4, 5], values), printed('ip', 0.15, 5));
    expect([...form.codebook]).toEqual([-2, 3]);
    expect(layer).toMatchObject({ weights: 20, density: 0.15, entries: 4, fillers: 1, weightBits: 5, indexBits: 4 });
    // Codes 3 0 -2 3 are 2 0 1 2: bits 1 2 2 1. Gaps 0 15 0 0: bits 1 1 1 1.
    expect([layer.weightBitsHuffman, layer.indexBitsHuffman]).toEqual([1.5, 1]);
    expect(layer.rate).toBeCloseTo((4 * 9 + 2 * 32) / (20 * 32), 12);
    expect(layer.rateHuffman).toBe(layer.bytes / 80);
  });

  test('has codes and fillers as theory says for even chance', () => {
    const values = generatedKernel({ rows: 200, columns: 500, density: 0.09, random: seededRandom(1) });
    const { layer } = compressKernel(denseWeight('fc/kernel', [200, 500], values), printed('fc', 0.09, 5));
    // After n kept ones come as many fillers as 16 zeros in a row do: 0.91^16 / (1 - 0.91^16) each
    const expected = 0.91 ** 16 / (1 - 0.91 ** 16);
    expect(Math.abs(layer.fillers / (layer.entries - layer.fillers) - expected)).toBeLessThan(0.03);
    expect(layer.weightBitsHuffman).toBeLessThan(5);
    expect(layer.indexBitsHuffman).toBeLessThan(4);
    expect(layer.rateHuffman).toBeLessThan(layer.rate);
  });
});

describe('compressNetwork', () => {
  test('adds up, and comes back from its file', async () => {
    const stages: string[] = [];
    const result = await compressNetwork(network, { huffmanFile: true, onProgress: ({ stage }) => stages.push(stage) });
    expect(result).toMatchObject({ name: 'small', source: 'generated', publishedBytes: 1000 });
    expect(result.layers.map(({ name, weights }) => [name, weights])).toEqual([
      ['conv1', 288],
      ['fc2', 25_600],
    ]);
    const sum = result.layers.reduce((total, { bytes }) => total + bytes, 0);
    expect(result.faithfulBytes).toBe(sum + 4 * 116);
    expect(result.originalBytes).toBe(4 * (288 + 25_600 + 116));
    expect(result.total.density).toBeCloseTo((144 + 1280) / 25_888, 12);
    expect(result.bestBytes).toBeLessThanOrEqual(result.huffmanFileBytes!);
    expect(stages).toEqual([
      'conv1',
      'fc2',
      'file, small',
      'reading the file, small',
      'file, huffman',
      'reading the file, huffman',
      'done',
    ]);
    const again = await compressNetwork(network, { coding: 'fast' });
    expect(again.faithfulBytes).toBe(result.faithfulBytes);
    expect((await compressNetwork(network, { seed: 2 })).faithfulBytes).not.toBe(result.faithfulBytes);
  });

  test('stops when told to', async () => {
    const abort = new AbortController();
    const stopped = compressNetwork(network, {
      signal: abort.signal,
      onProgress: ({ stage }) => stage === 'fc2' && abort.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
  });
});

describe('real weights', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pare-alexnet-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const ramp = (count: number, offset: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i + offset));

  test('are taken from a Caffe model in the data folder', async () => {
    const blobs = [ramp(288, 0), ramp(16, 1), ramp(25_600, 2), ramp(100, 3)] as const;
    writeFileSync(
      join(folder, 'none.caffemodel'),
      caffemodel([
        ['conv1', 'Convolution', [16, 2, 3, 3], blobs[0], blobs[1]],
        ['fc2', 'InnerProduct', [100, 256], blobs[2], blobs[3]],
      ]),
    );
    const source = await weightSource(network, folder, 1);
    expect(source).toMatchObject({ source: 'real', note: 'the weights of none.caffemodel' });
    const [kernel, bias] = source.weightsOf('fc2');
    expect([kernel.name, kernel.shape, bias.name]).toEqual(['fc2/kernel', [100, 256], 'fc2/bias']);
    const { values } = kernel.form as { readonly values: Float32Array };
    expect(Buffer.compare(new Uint8Array(values.slice().buffer), new Uint8Array(blobs[2].buffer))).toBe(0);
    expect(await compressNetwork(network, { folder })).toMatchObject({ source: 'real', originalBytes: 104_016 });
  });

  test('of another network are refused', async () => {
    const other = { ...network, layers: sequence([5], [{ kind: 'dense', name: 'fc2', units: 100 }]) };
    const source = await weightSource(other, folder, 1);
    expect(() => source.weightsOf('fc2')).toThrow('none.caffemodel: expected "fc2/kernel" of [100, 5], got [100,256]');
  });
});

test('the networks have the layers of the tables', () => {
  for (const { layers, published } of [alexnetNetwork(), vgg16Network()]) {
    expect(shapesOf(layers).map(({ name }) => name)).toEqual(published.layers.map(({ name }) => name));
  }
  // "9x, 27x, 35x" and "13x, 31x, 49x": the rates of the totals
  expect(1 / alexnetPublished.total.rateHuffman).toBeCloseTo(34.7, 1);
  expect(1 / vgg16Published.total.rateHuffman).toBeCloseTo(48.8, 1);
});

type CaffeLayer = readonly [
  name: string,
  type: string,
  shape: readonly number[],
  kernel: Float32Array,
  bias: Float32Array,
];

/** NetParameter { layer = 100 { name = 1, type = 2, blobs = 7 { shape = 7 { dim = 1 }, data = 5 } } } of caffe.proto. */
function caffemodel(layers: readonly CaffeLayer[]): Buffer {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  const field = (number: number, content: Uint8Array): Buffer =>
    Buffer.concat([Uint8Array.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);
  const blob = (shape: readonly number[], data: Float32Array): Buffer =>
    field(
      7,
      Buffer.concat([
        field(7, field(1, Uint8Array.from(shape.flatMap(varint)))),
        field(5, new Uint8Array(data.buffer)),
      ]),
    );
  return Buffer.concat(
    layers.map(([name, type, shape, kernel, bias]) =>
      field(
        100,
        Buffer.concat([
          field(1, Buffer.from(name)),
          field(2, Buffer.from(type)),
          blob(shape, kernel),
          blob([bias.length], bias),
        ]),
      ),
    ),
  );
}
