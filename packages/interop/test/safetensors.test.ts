import { denseWeight, type Model } from '@pare/core';
import { describeImporter, smallNetwork } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { exporters, importModel, memorySource } from '../src/index.ts';
import { safetensors } from '../src/safetensors/read.ts';
import { numbersOf, shapesOf, utf8 } from './_samples.ts';

/** Lays out a file from its header and as much data. */
function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const json = typeof header === 'string' ? utf8(header) : utf8(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, json.length, true);
  return Uint8Array.of(...length, ...json, ...data);
}
const read = (bytes: Uint8Array) => importModel(memorySource({ 'a.safetensors': bytes }), { importer: 'safetensors' });
const { write } = exporters.find(({ id }) => id === 'safetensors')!;

const types = file(
  {
    __metadata__: { arch: 'none' },
    'b.weight': { dtype: 'F16', shape: [1, 2], data_offsets: [0, 4] },
    'a.weight': { dtype: 'BF16', shape: [2], data_offsets: [4, 8] },
    step: { dtype: 'I64', shape: [], data_offsets: [8, 16] },
    mean: { dtype: 'F64', shape: [1], data_offsets: [16, 24] },
    mask: { dtype: 'F32', shape: [1], data_offsets: [24, 28] },
    none: { dtype: 'F32', shape: [0, 3], data_offsets: [28, 28] },
  },
  [0, 0x3c, 0, 0xc0, 0x80, 0x3f, 0x20, 0xc1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0x80, 0xff],
);

describeImporter('safetensors', safetensors, {
  samples: [
    {
      name: 'of several types',
      files: new Map([['a.safetensors', types]]),
      notes: ['"step" holds I64, which are no weights', '"mean" holds F64: rounded', '"mask" is -Infinity at index 0'],
      check({ model }) {
        expect(model.layers).toEqual([]);
        expect(model.topology).toEqual({ safetensors: 1, metadata: { arch: 'none' } });
        expect(shapesOf(model)).toEqual({ 'b.weight': [1, 2], 'a.weight': [2], mean: [1], none: [0, 3] });
        expect(numbersOf(model)).toEqual({ 'b.weight': [1, -2], 'a.weight': [1, -10], mean: [1.5], none: [] });
      },
    },
    { name: 'of nothing', files: new Map([['a.safetensors', file('{}')]]) },
  ],
  strangers: [{ name: 'a.safetensors', bytes: utf8('version https://git-lfs.github.com/spec/v1\noid sha256:00\n') }],
});

describe('safetensors', () => {
  test('comes back as it was written, metadata and aligned data included', async () => {
    const model: Model = { ...smallNetwork(), topology: { safetensors: 1, metadata: { format: 'pt' } } };
    const { files, notes } = await write(model, 'small');
    expect(notes).toEqual(['The layers are not kept: safetensors holds weights, not networks']);
    const bytes = files.get('small.safetensors')!;
    expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
    const back = await importModel(memorySource(files));
    expect(back.model.weights).toEqual(model.weights);
    expect(back.model.topology).toEqual(model.topology);
  });

  test('keeps names that mean something to JavaScript', async () => {
    const weights = ['__proto__', 'constructor', 'é"\n'].map((name, i) => denseWeight(name, [1], Float32Array.of(i)));
    const { files } = await write({ layers: [], weights, history: [] }, 'a');
    expect((await importModel(memorySource(files))).model.weights).toEqual(weights);
  });

  const tensor = (begin: number, end: number, shape: unknown = [1]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  });
  test.each([
    ['overlap', { a: tensor(0, 4), b: tensor(2, 6) }, 6, '"b" takes bytes 2 to 6, expected a beginning at 4'],
    ['leave a gap', { a: tensor(0, 4), b: tensor(6, 10) }, 10, '"b" takes bytes 6 to 10, expected a beginning at 4'],
    [
      'reach beyond the file',
      { a: tensor(0, 4) },
      3,
      '"a" takes bytes 0 to 4, expected a beginning at 0 and an end within 3',
    ],
    ['leave bytes at the end', { a: tensor(0, 4) }, 5, '1 bytes of no tensor'],
    ['end before they begin', { a: tensor(4, 0) }, 4, '"a" has shape [1] of F32 in -4 bytes'],
    ['do not fill their shape', { a: tensor(0, 4, [2 ** 40, 2 ** 40]) }, 4, 'of F32 in 4 bytes'],
    ['have parts of an extent', { a: tensor(0, 4, [0.5, 2]) }, 4, '"a" has a shape that is no list of whole numbers'],
    ['have no type', { a: { ...tensor(0, 4), dtype: 'toString' } }, 4, '"a" has an unknown type "toString"'],
    ['have nothing', { a: null }, 0, '"a" has no description'],
  ])('refuses tensors that %s', async (_what, header, length, message) => {
    await expect(read(file(header, new Array(length).fill(0)))).rejects.toThrow(message);
  });

  test('refuses a header longer than the file, and one that is no JSON', async () => {
    const long = file('{}');
    long[6] = 1;
    await expect(read(long)).rejects.toThrow('a header of 281474976710658 bytes in a file of 10');
    await expect(read(file('{"a":'))).rejects.toThrow('the header is no JSON');
    await expect(read(file('[]'))).rejects.toThrow('the header is no JSON object');
  });
});
