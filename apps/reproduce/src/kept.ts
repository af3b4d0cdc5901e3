import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { readIfThere, writeWhole } from '@pare/cli/whole-file';

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
    const path = join(folder, `${name}.bin`);
    const bytes = isKnown ? readIfThere(path) : undefined;
    const kept = bytes && (deserialize(bytes) as { readonly key: string; readonly thing: T }); // whoever uses a name knows its type
    if (kept?.key === key) return kept.thing;
    const thing = await make();
    writeWhole(path, serialize({ key, thing }));
    return thing;
  };
