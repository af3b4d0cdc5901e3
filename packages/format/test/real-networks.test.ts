import type { Model, Shared, Weight } from '@pare/core';
import { same } from '@pare/testkit';
import { expect, test } from 'vitest';
import { canonicalShared, decodeModel, encodeModel } from '../src/index.ts';
import { dataFile, readSafetensors } from './_data.ts';
import { LENET5_LAYERS } from './_models.ts';

// Networks pruned by Dynamic Network Surgery (Guo, Yao, Chen 2016), if the data folder is there.

function readWeights(path: string): Weight<Shared>[] {
  return readSafetensors(path)
    .sort((a, b) => rankOf(a.name) - rankOf(b.name))
    .map(({ name, shape, values }) => ({
      name: name.replace('.', '/').replace('weight', 'kernel'),
      shape,
      form: cluster(values, name.startsWith('conv') ? 16 : 8),
    }));
}

const rankOf = (key: string): number =>
  2 * ['conv1', 'conv2', 'ip1', 'ip2', 'ip3'].findIndex((layer) => key.startsWith(layer)) +
  (key.endsWith('bias') ? 1 : 0);

/** Lloyd's k-means from equidistant centroids: enough for a realistic codebook. */
function cluster(values: Float32Array, size: number): Shared {
  const mask = Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
  const kept = values.filter((value) => value !== 0);
  const low = kept.reduce((a, b) => Math.min(a, b), Infinity);
  const high = kept.reduce((a, b) => Math.max(a, b), -Infinity);
  let codebook = Float64Array.from({ length: kept.length ? size : 0 }, (_, i) => low + ((high - low) * i) / (size - 1));
  const nearest = (value: number): number =>
    codebook.reduce(
      (best, centroid, i) => (Math.abs(centroid - value) < Math.abs(codebook[best]! - value) ? i : best),
      0,
    );
  for (let round = 0; round < 20; round++) {
    const sums = new Float64Array(codebook.length);
    const counts = new Float64Array(codebook.length);
    for (const value of kept) {
      const i = nearest(value);
      sums[i]! += value;
      counts[i]!++;
    }
    codebook = codebook.map((centroid, i) => (counts[i]! > 0 ? sums[i]! / counts[i]! : centroid));
  }
  const indices = Uint16Array.from(values, (value) => (value === 0 ? 0 : nearest(value)));
  return { kind: 'shared', codebook: Float32Array.from(codebook), indices, mask };
}

/** Sizes of our files, in bytes, so that a change of the coder shows. */
const SIZES = [
  { name: 'lenet-5', adaptive: 3100, huffman: 3950 },
  { name: 'lenet-300-100', adaptive: 3350, huffman: 4450 },
];

test.each(SIZES)('$name is exact and within its size', ({ name, adaptive, huffman }) => {
  const path = dataFile(`lenet/${name}_dns-sparse.safetensors`);
  if (!path) return;
  const weights = readWeights(path);
  const model: Model = { layers: name === 'lenet-5' ? LENET5_LAYERS : [], weights, history: [] };
  const bytes = encodeModel(model);
  expect(
    same(
      decodeModel(bytes).weights,
      weights.map((w) => ({ ...w, form: canonicalShared(w.form) })),
    ),
  ).toBe(true);
  expect(bytes.length).toBeLessThan(adaptive);
  expect(encodeModel(model, { coding: 'huffman' }).length).toBeLessThan(huffman);
});
