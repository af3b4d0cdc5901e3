import { existsSync, readFileSync } from 'node:fs';
import { denseWeight, type Model, type Shape } from '@pare/core';
import { same } from '@pare/testkit';
import { expect, test } from 'vitest';
import { compressModel } from '../src/index.ts';

// Networks pruned by Dynamic Network Surgery (Guo, Yao, Chen 2016), if the data folder is there.

const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;

function read(path: string): Model {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__, ...tensors } = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    { shape: Shape; data_offsets: [number, number] }
  >;
  const weights = Object.entries(tensors).map(
    ([
      name,
      {
        shape,
        data_offsets: [from, end],
      },
    ]) => denseWeight(name, shape, new Float32Array(Uint8Array.from(file.subarray(start + from, start + end)).buffer)),
  );
  return { layers: [], weights, history: [] };
}

/** Bytes at 36 dB for each kernel, so that a change of the methods shows. */
test.each([
  { name: 'lenet-300-100', most: 5200 },
  { name: 'lenet-5', most: 4450 },
])('$name, pruned, is within its size, and a second pass changes nothing', async ({ name, most }) => {
  const path = `${folder}/lenet/${name}_dns-sparse.safetensors`;
  if (!existsSync(path)) {
    console.warn(`skipped: no ${path}; set PARE_DATA to the data folder`);
    return;
  }
  const first = await compressModel(read(path));
  expect(first.bytes.length).toBeLessThan(most);
  expect(first.report.relativeError).toBeLessThanOrEqual(10 ** -3.6);
  const second = await compressModel(first.model);
  expect(same(second.model.weights, first.model.weights)).toBe(true);
  expect(second.bytes).toEqual(first.bytes);
});
