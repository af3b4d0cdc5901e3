import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { readIfThere, writeWhole } from '@pare/cli/whole-file';

/** A place for one thing. Whoever uses it knows the type. */
export interface KeptThing {
  /** What was written there; undefined if nothing was, or under another key. */
  read<T>(): T | undefined;
  write(thing: unknown): void;
}

/**
 * A thing that takes long, kept in a file from one run to the next.
 *
 * @param key - describes all that it is made of
 */
export const keptAt = (path: string, key: string): KeptThing => ({
  read<T>() {
    const bytes = readIfThere(path);
    const kept = bytes && (deserialize(bytes) as { readonly key: string; readonly thing: T });
    return kept?.key === key ? kept.thing : undefined;
  },
  write: (thing) => writeWhole(path, serialize({ key, thing })),
});

/**
 * Takes from a folder what was made before, if it was made of the same; else makes it and puts it there.
 *
 * @param name - of the file, without extension
 * @param key - describes all that it is made of
 * @param isKnown - whether what is there may be taken; default true
 */
export type Keep = <T>(name: string, key: string, make: () => Promise<T>, isKnown?: boolean) => Promise<T>;

/** What takes long, kept in a folder from one run to the next. */
export const keepIn =
  (folder: string): Keep =>
  async <T>(name: string, key: string, make: () => Promise<T>, isKnown = true): Promise<T> => {
    const place = keptAt(join(folder, `${name}.bin`), key);
    const before = isKnown ? place.read<T>() : undefined;
    if (before !== undefined) return before;
    const thing = await make();
    place.write(thing);
    return thing;
  };
