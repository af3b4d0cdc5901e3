import { type ImportSource, MissingPartError } from '@pare/core';

/** What a source is made of. */
export interface SourceOptions {
  /** Name of the file without folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * Reads a file beside it: from a disk, a server, a drop of files. Undefined if there is none.
   *
   * @param name - relative, within the folder of the file: never absolute, never `..`
   */
  readonly read?: (name: string) => Promise<Uint8Array | undefined>;
}

/**
 * Makes what importers read from. It stands between them and `read`: a model's file names others, and a hostile one must
 * not reach beyond its folder.
 *
 * @example
 * (await openSource({ name: 'a.json', bytes: Uint8Array.of(1) }).sibling('../secret')) // throws MissingPartError: "a.json" needs "../secret" beside it, which lies outside its folder
 */
export function openSource({ name, bytes, read }: SourceOptions): ImportSource {
  return {
    name,
    bytes,
    async sibling(other) {
      const absent = (why: string): never => {
        throw new MissingPartError('no-file', other, `"${name}" needs "${other}" beside it, which ${why}`);
      };
      if (!staysInside(other)) return absent('lies outside its folder');
      return (await read?.(other)) ?? absent('is not there: put it into the same folder');
    },
  };
}

/**
 * Makes a source of files in memory.
 *
 * @param files - by name, relative to a common folder
 * @param name - which of them is meant; default the first
 * @throws RangeError if there is none of that name
 * @example
 * memorySource({ 'model.json': Uint8Array.of(123, 125), 'weights.bin': Uint8Array.of(0) }).name // 'model.json'
 */
export function memorySource(
  files: ReadonlyMap<string, Uint8Array> | Readonly<Record<string, Uint8Array>>,
  name?: string,
): ImportSource {
  const byName: ReadonlyMap<string, Uint8Array> = files instanceof Map ? files : new Map(Object.entries(files));
  const chosen = name ?? byName.keys().next().value ?? '';
  const bytes = byName.get(chosen);
  if (!bytes) {
    throw new RangeError(
      `memorySource: "name" expected one of ${[...byName.keys()].map((key) => `"${key}"`).join(', ') || 'no files'}, got "${chosen}"`,
    );
  }
  const folder = chosen.slice(0, chosen.lastIndexOf('/') + 1);
  return openSource({
    name: chosen.slice(folder.length),
    bytes,
    read: async (other) => byName.get(folder + other.replace(/^(\.\/)+/, '')),
  });
}

const staysInside = (name: string): boolean =>
  name !== '' &&
  !/^[/\\]|^[a-z]+:|[\\\0]/i.test(name) &&
  name.split('/').every((part) => part !== '..' && part !== '~');
