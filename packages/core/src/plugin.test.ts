import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Decoder, Encoder } from './codec.ts';
import type { Importer } from './interop.ts';
import { createRegistry, definePlugin, type Plugin } from './plugin.ts';

const importer = (id: string): Importer => ({
  id,
  extensions: [id],
  recognizes: () => false,
  read: async () => ({ model: { layers: [], weights: [], history: [] }, notes: [] }),
});
const encoder = (id: string, kind: Encoder['kind']): Encoder => ({ id, kind, encode: () => new Uint8Array() });
const decoder = (id: string): Decoder => ({ id, decode: () => ({ kind: 'dense', values: new Float32Array() }) });
const plugin = (name: string, adds: Partial<Plugin>): Plugin => definePlugin({ name, apiVersion: 1, ...adds });

describe('createRegistry', () => {
  test('lists what plugins add, in their order', () => {
    const registry = createRegistry([
      plugin('one', { importers: [importer('a'), importer('b')] }),
      plugin('two', { importers: [importer('c')], decoders: [decoder('x@1')] }),
    ]);
    expect(registry.importers.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(registry.decoders.map(({ id }) => id)).toEqual(['x@1']);
    expect(registry.parametrizations).toEqual([]);
  });

  test('takes one encoder for each kind of form under the same id', () => {
    const encoders = [encoder('x@1', 'dense'), encoder('x@1', 'shared')];
    expect(createRegistry([plugin('one', { encoders })]).encoders).toEqual(encoders);
  });

  test('names both plugins that add the same id', () => {
    expect(() =>
      createRegistry([plugin('one', { decoders: [decoder('x@1')] }), plugin('two', { decoders: [decoder('x@1')] })]),
    ).toThrow('createRegistry: "one" and "two" both add "x@1" to decoders: leave one of them out');
    expect(() => createRegistry([plugin('one', { importers: [importer('a'), importer('a')] })])).toThrow(
      '"one" and "one"',
    );
  });

  test('lets an importer and a decoder have the same id', () => {
    const both = plugin('one', { importers: [importer('a')], decoders: [decoder('a')] });
    expect(createRegistry([both]).importers).toHaveLength(1);
  });
});

describe('definePlugin', () => {
  test('returns what it was given, with its own type', () => {
    const given = { name: 'one', apiVersion: 1, importers: [importer('a')] } as const;
    const defined = definePlugin(given);
    expect(defined).toBe(given);
    expectTypeOf(defined.importers).toEqualTypeOf<readonly [Importer]>();
  });

  test('refuses what is no plugin, or of another version', () => {
    expect(() => definePlugin({} as Plugin)).toThrow('does the package export its plugin as default?');
    expect(() => definePlugin(undefined as unknown as Plugin)).toThrow(TypeError);
    const reporters = [{ id: 'x', extension: 'md', write: () => '' }] as unknown as Plugin['reporters'];
    expect(() => definePlugin({ name: 'p', apiVersion: 1, ...(reporters && { reporters }) })).toThrow(
      'definePlugin: reporters[0] of "p" expected an object with a function "render"',
    );
    // @ts-expect-error another version
    expect(() => definePlugin({ name: 'new', apiVersion: 2 })).toThrow('"new" is for version 2');
  });
});
