import { existsSync, readFileSync } from 'node:fs';
import type { Model, Shape, Shared, Weight } from '@pare/core';
import { same } from '@pare/testkit';
import { expect, test } from 'vitest';
import { canonicalShared, decodeModel, encodeModel } from '../src/index.ts';
import { LENET5_LAYERS } from './_models.ts';

// Networks pruned by Dynamic Network Surgery (Guo, Yao, Chen 2016), if the data folder is there.

const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;

const netFile = (name: string): string => `${folder}/lenet/${name}_dns-sparse.safetensors`;

function readWeights(name: string): Weight<Shared>[] {
  const file = readFileSync(netFile(name));
  const headerSize = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerSize)) as Record<
    string,
    { shape: Shape; data_offsets: [number, number] }
  >;
  const { __metadata__, ...tensors } = header;
  return Object.entries(tensors)
    .sort(([a], [b]) => rankOf(a) - rankOf(b))
    .map(
      ([
        key,
        {
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        const bytes = Uint8Array.from(file.subarray(8 + headerSize + start, 8 + headerSize + end));
        const form = cluster(new Float32Array(bytes.buffer), key.startsWith('conv') ? 16 : 8);
        return { name: key.replace('.', '/').replace('weight', 'kernel'), shape, form };
      },
    );
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
  { name: 'lenet-300-100', adaptive: 3350, huffman: 4400 },
];

test.each(SIZES)('$name is exact and within its size', ({ name, adaptive, huffman }) => {
  if (!existsSync(netFile(name))) {
    console.warn(`skipped: no ${netFile(name)}; set PARE_DATA to the data folder`);
    return;
  }
  const weights = readWeights(name);
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
