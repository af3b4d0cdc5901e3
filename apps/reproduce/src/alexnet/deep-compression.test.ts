import { sequence } from '@pare/architectures';
import { denseWeight, seededRandom } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { compressKernel, compressNetwork } from './deep-compression.ts';
import { generatedKernel } from './generated.ts';
import { alexnetPublished, type PublishedLayer, vgg16Published } from './published.ts';
import { alexnetNetwork, type Network, shapesOf, vgg16Network } from './weights.ts';

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
  indexBits: 4,
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

test('the networks have the layers of the tables', () => {
  for (const { layers, published } of [alexnetNetwork(), vgg16Network()]) {
    expect(shapesOf(layers).map(({ name }) => name)).toEqual(published.layers.map(({ name }) => name));
  }
  // "9x, 27x, 35x" and "13x, 31x, 49x": the rates of the totals
  expect(1 / alexnetPublished.total.rateHuffman).toBeCloseTo(34.7, 1);
  expect(1 / vgg16Published.total.rateHuffman).toBeCloseTo(48.8, 1);
});
