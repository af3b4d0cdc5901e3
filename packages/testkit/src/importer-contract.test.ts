import { CorruptDataError, denseWeight, type Importer } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { brokenPromises } from './_broken.ts';
import { describeImporter, type ImporterSample, importerContract } from './importer-contract.ts';

/**
 * An importer that keeps its promises: `"flat"`, a count, so many numbers of float32, and the length of a name, which is in
 * the file `names` beside it.
 */
const importer: Importer = {
  id: 'flat',
  extensions: ['flat'],
  recognizes: ({ bytes }) => String.fromCharCode(...bytes.subarray(0, 4)) === 'flat',
  async read(source) {
    const { bytes } = source;
    if (bytes.length < 6)
      throw new CorruptDataError('truncated', bytes.length, 'expected six bytes before the numbers');
    const length = bytes[4]!;
    if (bytes.length !== 6 + 4 * length) throw new CorruptDataError('length', 4, `expected ${length} numbers`);
    const names = await source.sibling('names');
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const values = Float32Array.from({ length }, (_, i) => view.getFloat32(6 + 4 * i, true));
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new CorruptDataError('not-finite', 6 + 4 * wrong, `${values[wrong]}`);
    const name = String.fromCharCode(...names.subarray(0, bytes[5]));
    const notes = names.length > bytes[5]! ? [`"${name}" left out a longer name`] : [];
    return { model: { layers: [], weights: [denseWeight(name, [length], values)], history: [] }, notes };
  },
};

const samples: readonly ImporterSample[] = [
  {
    name: 'one number',
    files: new Map([
      ['a.flat', Uint8Array.of(102, 108, 97, 116, 1, 2, 0, 0, 128, 63)],
      ['names', Uint8Array.of(119, 49, 50)],
    ]),
    notes: ['"w1"'],
    check: ({ model }) => expect(model.weights).toEqual([denseWeight('w1', [1], Float32Array.of(1))]),
  },
];

describeImporter('flat', importer, { samples, runs: 60 });

describe('the importer contract notices an importer that', () => {
  const broken = (changes: Partial<Importer>, options: { now?: () => number } = {}) =>
    brokenPromises(importerContract({ ...importer, ...changes }, { samples, runs: 60, ...options }));

  test('breaks none of it', async () => expect(await broken({})).toEqual([]));

  test('has no proper id', async () =>
    expect(await broken({ id: 'Flat 1' })).toEqual(['has an id for a command line and extensions without dots']));

  test('recognizes too much, too little, or throws', async () => {
    expect(await broken({ recognizes: () => true })).toEqual(['recognizes nothing else']);
    expect(await broken({ recognizes: () => false })).toEqual(['recognizes its own files']);
    const careless = ({ bytes }: { bytes: Uint8Array }) =>
      new DataView(bytes.buffer, bytes.byteOffset, 4).byteLength > 0;
    const thrower = (source: { bytes: Uint8Array }) => {
      if (source.bytes.length < 4) throw new RangeError('too short');
      return careless(source);
    };
    expect(await broken({ recognizes: thrower })).toContain('tells its files without throwing, however they are cut');
  });

  test('drops something silently', async () => {
    const read: Importer['read'] = async (source) => ({ ...(await importer.read(source)), notes: [] });
    expect(await broken({ read })).toEqual(['reads models that hang together, and says what it left out']);
  });

  test('changes the file, or remembers', async () => {
    let count = 0;
    const read: Importer['read'] = async (source) => {
      const imported = await importer.read(source);
      return { ...imported, model: { ...imported.model, name: String(count++) } };
    };
    expect(await broken({ read })).toContain('reads the same twice, and leaves the files untouched');
    const greedy: Importer['read'] = async (source) => {
      const imported = await importer.read(source);
      source.bytes[9] = 64;
      return imported;
    };
    expect(await broken({ read: greedy })).toContain('reads the same twice, and leaves the files untouched');
  });

  test('trusts offsets of the underlying buffer', async () => {
    const read: Importer['read'] = (source) =>
      importer.read({ ...source, bytes: new Uint8Array(source.bytes.buffer, 0, source.bytes.length) });
    expect(await broken({ read })).toEqual(['reads from the middle of a larger buffer, at odd offsets']);
  });

  test('lets other errors out, or models that do not hang together', async () => {
    const read: Importer['read'] = async (source) => {
      try {
        return await importer.read(source);
      } catch (error) {
        throw new RangeError(String(error));
      }
    };
    expect(await broken({ read })).toEqual(
      expect.arrayContaining(['survives every truncation', 'survives extreme numbers anywhere']),
    );
    const twice: Importer['read'] = async (source) => {
      const { model, notes } = await importer.read(source);
      const flipped = source.bytes[9] !== 63; // so only damaged files come out wrong
      return { model: { ...model, weights: [...model.weights, ...(flipped ? model.weights : [])] }, notes };
    };
    expect(await broken({ read: twice })).toContain('survives flipped bits');
  });

  test('takes an absent file for a damaged one', async () => {
    const read: Importer['read'] = (source) =>
      importer.read({
        ...source,
        sibling: (name) =>
          source.sibling(name).catch(() => {
            throw new CorruptDataError('names', 0, 'expected names');
          }),
      });
    expect(await broken({ read })).toEqual(['does without a file beside it, or says that it is absent']);
  });

  test('gives something to all objects', async () => {
    const read: Importer['read'] = async (source) => {
      Object.assign(Object.prototype, { polluted: 1 });
      return importer.read(source);
    };
    const only = importerContract({ ...importer, read }, { samples, runs: 60 }).filter(({ name }) =>
      name.startsWith('leaves the prototypes'),
    );
    try {
      expect(await brokenPromises(only)).toEqual(['leaves the prototypes of all objects alone']);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted');
    }
  });

  test('takes too long, by the clock it is given', async () => {
    let time = 0;
    const read: Importer['read'] = (source) => {
      time += source.bytes.length === 3 ? 1001 : 1;
      return importer.read(source);
    };
    expect(await broken({ read }, { now: () => time })).toEqual(['survives every truncation']);
    expect(await broken({ read })).toEqual([]);
  });
});
