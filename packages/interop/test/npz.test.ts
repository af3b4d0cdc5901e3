import { denseWeight, type Model } from '@pare/core';
import { describeImporter, smallNetwork } from '@pare/testkit';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { exporters, importModel, memorySource, readNpzArray } from '../src/index.ts';
import { writeNpy } from '../src/npz/npy.ts';
import { npz } from '../src/npz/npz.ts';
import { listZip } from '../src/zip.ts';
import { numbersOf, shapesOf, utf8, vectors } from './_samples.ts';

const vector = vectors('numpy');
const read = (bytes: Uint8Array) => importModel(memorySource({ 'a.npz': bytes }));
const { write } = exporters.find(({ id }) => id === 'npz')!;

describeImporter('npz', npz, {
  samples: [
    {
      name: 'as numpy.savez saves it',
      files: new Map([['a.npz', vector('stored')]]),
      check({ model }) {
        expect(model.layers).toEqual([]);
        expect(shapesOf(model)).toEqual({ 'conv1/kernel': [2, 3], 'conv1/bias': [2] });
        expect(numbersOf(model)).toEqual({ 'conv1/kernel': [0, 0.25, 0.5, 0.75, 1, 1.25], 'conv1/bias': [1.5, -2] });
      },
    },
    {
      name: 'as numpy.savez_compressed saves it',
      files: new Map([['a.npz', vector('packed')]]),
      check({ model }) {
        expect(shapesOf(model)).toEqual({ zeros: [40, 30], scalar: [] });
        expect(numbersOf(model).scalar).toEqual([2.5]);
      },
    },
    {
      name: 'column by column',
      files: new Map([['a.npz', vector('fortran')]]),
      check: ({ model }) => expect(numbersOf(model).f).toEqual(Array.from({ length: 24 }, (_, i) => i)),
    },
    {
      name: 'of several types',
      files: new Map([['a.npz', vector('types')]]),
      notes: ['"double" holds <f8: rounded', '"step" holds <i8', '"flags" holds |b1', '"names" holds <U3'],
      check({ model }) {
        expect(numbersOf(model)).toEqual({
          half: [0, 0.25, 0.5, 0.75, 1, 1.25],
          double: [...Float32Array.of(0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3)],
          big: [0, 0.25, 0.5, 0.75, 1, 1.25],
        });
      },
    },
    {
      name: 'with an infinity and nothing',
      files: new Map([['a.npz', vector('infinite')]]),
      notes: ['"mask" is -Infinity at index 1'],
      check: ({ model }) => expect(shapesOf(model)).toEqual({ empty: [0, 3] }),
    },
  ],
  strangers: [{ name: 'a.npz', bytes: zipSync({ 'config.json': utf8('{}'), 'model.weights.h5': utf8('x') }) }],
});

describe('npz', () => {
  test('comes back as it was written, the same bytes each time', async () => {
    const model = smallNetwork();
    const { files, notes } = await write(model, 'small');
    expect(notes).toEqual(['The layers are not kept: npz holds arrays, not networks']);
    expect([...files.keys()]).toEqual(['small.npz']);
    expect((await write(model, 'small')).files).toEqual(files);
    const back = await importModel(memorySource(files));
    expect(back.model.weights).toEqual(model.weights);
    expect(back.notes).toEqual([]);
  });

  test('says that masks and codebooks become plain numbers', async () => {
    const model: Model = { ...smallNetwork({ kind: 'shared' }), layers: [] };
    const { files, notes } = await write(model, 'small');
    expect(notes).toEqual([
      'Masks and codebooks are not kept: "conv1/kernel", "ip1/kernel", "ip2/kernel" are written as plain float32',
    ]);
    expect(numbersOf((await importModel(memorySource(files))).model)).toEqual(numbersOf(model));
  });

  test('names what else is in the file', async () => {
    const { notes } = await read(zipSync({ 'readme.txt': utf8('hello'), 'a.npy': writeNpy([1], Float32Array.of(1)) }));
    expect(notes).toEqual(['"readme.txt" is no array: left out']);
  });

  test('refuses an array that is not as long as it says, and one without end', async () => {
    const bytes = (
      await write({ layers: [], weights: [denseWeight('a', [2], new Float32Array(2))], history: [] }, 'a')
    ).files.get('a.npz')!;
    const cut = zipSync({ 'a.npy': listZip(bytes)[0]!.read().subarray(0, -4) });
    await expect(read(cut)).rejects.toThrow('"a" has shape [2] of <f4 in 4 bytes');
  });
});

describe('a zip file', () => {
  const packed = zipSync({ 'a.npy': new Uint8Array(100_000) });
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset);
  const directory = view(packed).getUint32(packed.length - 6, true);

  test('that claims what deflate cannot make is refused before anything is allocated', () => {
    const bomb = packed.slice();
    view(bomb).setUint32(directory + 24, 0x7fffffff, true);
    expect(() => listZip(bomb)).toThrow('"a.npy" cannot be 2147483647 bytes, packed into');
  });

  test('whose entries share their bytes is refused', () => {
    const entry = packed.slice(directory, packed.length - 22);
    const count = 100;
    const bomb = new Uint8Array(directory + count * entry.length + 22);
    bomb.set(packed.subarray(0, directory));
    for (let i = 0; i < count; i++) {
      bomb.set(entry, directory + i * entry.length);
      bomb[directory + i * entry.length + 46] = 33 + i; // another name
    }
    bomb.set(packed.subarray(-22), bomb.length - 22);
    view(bomb).setUint16(bomb.length - 12, count, true);
    view(bomb).setUint32(bomb.length - 10, count * entry.length, true);
    expect(() => listZip(bomb)).toThrow('its files overlap');
  });

  test('that is damaged inside is noticed by its checksum', () => {
    const stored = zipSync({ 'a.npy': [new Uint8Array(50), { level: 0 }] });
    stored[60]! ^= 1;
    expect(() => listZip(stored)[0]!.read()).toThrow('"a.npy" is damaged');
  });
});

/** An array of numpy's, of a type and shape, in a zip file as `x`. */
function numpyFile(descr: string, shape: readonly number[], data: Uint8Array, fortran = false): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')},), }`;
  const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0);
  return zipSync({ 'x.npy': Uint8Array.from([...start, ...utf8(header), ...data]) });
}

describe('readNpzArray', () => {
  test('gives pixels as bytes', () => {
    const found = readNpzArray(numpyFile('|u1', [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 255)), 'x');
    expect(found).toEqual({ shape: [2, 3], numbers: Uint8Array.of(1, 2, 3, 4, 5, 255) });
  });

  test('gives whole numbers of any width and order of bytes', () => {
    const numbers = (descr: string, ...data: number[]) =>
      readNpzArray(numpyFile(descr, [1], Uint8Array.from(data)), 'x')!.numbers;
    expect(numbers('<i8', 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)).toEqual(Float64Array.of(-2));
    expect(numbers('>u2', 1, 2)).toEqual(Float64Array.of(258));
    expect(numbers('<f4', 0, 0, 0x80, 0x3f)).toEqual(Float32Array.of(1));
    expect(readNpzArray(vector('types'), 'step')!.numbers).toBeInstanceOf(Float64Array);
  });

  test('turns columns into rows', () => {
    const found = readNpzArray(numpyFile('|u1', [2, 3], Uint8Array.of(1, 4, 2, 5, 3, 6), true), 'x');
    expect(found!.numbers).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  });

  test('knows what is not there, and refuses what is no number or too short', () => {
    expect(readNpzArray(vector('types'), 'y')).toBeUndefined();
    expect(() => readNpzArray(vector('types'), 'names')).toThrow('"names" has <U3, expected real numbers');
    expect(() => readNpzArray(numpyFile('<i4', [2], new Uint8Array(7)), 'x')).toThrow('shape [2] of <i4 in 7 bytes');
  });
});
