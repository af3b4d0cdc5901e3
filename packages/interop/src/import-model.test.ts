import type { Importer } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { findImporter, importers, importModel, memorySource, openSource } from './index.ts';

const importer = (id: string, extension: string, first: number): Importer => ({
  id,
  extensions: [extension],
  recognizes: ({ bytes }) => bytes[0] === first,
  read: async ({ name }) => ({ model: { name: `${id} ${name}`, layers: [], weights: [], history: [] }, notes: [] }),
});
const known = [importer('one', 'a', 1), importer('two', 'b', 1), importer('three', 'c', 3)];
const source = (name: string, ...bytes: number[]) => memorySource({ [name]: Uint8Array.from(bytes) });

describe('importModel', () => {
  test('lets the one read that recognises the file, whatever it is called', async () => {
    expect((await importModel(source('x.a', 3), { importers: known })).model.name).toBe('three x.a');
  });

  test('decides between several by the extension, then by their order', () => {
    expect(findImporter(source('x.B', 1), { importers: known }).id).toBe('two');
    expect(findImporter(source('x.c', 1), { importers: known }).id).toBe('one');
    expect(findImporter(source('b', 1), { importers: known }).id).toBe('two');
  });

  test('lets one be named that would not have been chosen', () => {
    expect(findImporter(source('x.a', 1), { importers: known, importer: 'three' }).id).toBe('three');
  });

  test('says what it knows where nothing fits', async () => {
    await expect(importModel(source('x.gif', 9), { importers: known })).rejects.toThrow(
      'nothing here reads "x.gif" (1 bytes); known are "one" (.a), "two" (.b), "three" (.c). Name one of them',
    );
    expect(() => findImporter(source('x.a', 1), { importers: known, importer: 'four' })).toThrow(
      'importModel: "importer" expected one of "one" (.a), "two" (.b), "three" (.c), got "four"',
    );
  });

  test('knows importers of different names', () => {
    expect(new Set(importers.map(({ id }) => id)).size).toBe(importers.length);
  });
});

describe('a source', () => {
  test('reads files beside it, in folders below too', async () => {
    const files = new Map(
      ['deep/net.json', 'deep/weights.bin', 'deep/shards/1.bin', 'other.bin'].map((name, i) => [
        name,
        Uint8Array.of(i),
      ]),
    );
    const { name, sibling } = memorySource(files, 'deep/net.json');
    expect(name).toBe('net.json');
    expect(await sibling('weights.bin')).toEqual(Uint8Array.of(1));
    expect(await sibling('./shards/1.bin')).toEqual(Uint8Array.of(2));
    await expect(sibling('other.bin')).rejects.toThrow('"net.json" needs "other.bin" beside it, which is not there');
  });

  test.each([
    '../x',
    'a/../../x',
    '/etc/passwd',
    '\\x',
    'a\\..\\x',
    'C:x',
    'file:///x',
    'https://x',
    '',
    'a\0b',
    '~/x',
  ])('does not let a file reach for %j', async (name) => {
    const asked: string[] = [];
    const read = async (other: string) => {
      asked.push(other);
      return new Uint8Array();
    };
    const { sibling } = openSource({ name: 'a', bytes: new Uint8Array(), read });
    await expect(sibling(name)).rejects.toThrow('lies outside its folder');
    expect(asked).toEqual([]);
  });

  test('names the files it has', () => {
    expect(() => memorySource({ a: new Uint8Array() }, 'b')).toThrow('expected one of "a", got "b"');
    expect(() => memorySource({})).toThrow('expected one of no files, got ""');
  });
});
