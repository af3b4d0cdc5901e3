import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names bytes by their content. */
export const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  // Each part with its length before it: no two lists of parts read alike.
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
};

/** Finished files by key, in a folder that may be deleted at any time. */
export interface Cache {
  read(key: string): Promise<Uint8Array | undefined>;
  write(key: string, bytes: Uint8Array): Promise<void>;
}

const HASH_BYTES = 32;

/**
 * Keeps files in a folder, each behind the SHA-256 of its content: one that was damaged or is half there is as good as none.
 *
 * @param folder - `undefined`: nothing is kept
 */
export function diskCache(folder: string | undefined): Cache {
  const pathOf = (key: string): string => join(folder!, `${key}.bin`);
  return {
    async read(key) {
      if (folder === undefined) return undefined;
      const stored = await readFile(pathOf(key)).catch(() => undefined);
      if (!stored || stored.length < HASH_BYTES) return undefined;
      const bytes = new Uint8Array(stored.subarray(HASH_BYTES));
      return createHash('sha256').update(bytes).digest().equals(stored.subarray(0, HASH_BYTES)) ? bytes : undefined;
    },
    async write(key, bytes) {
      if (folder === undefined) return;
      const neighbour = join(folder, `${randomUUID()}.part`);
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(neighbour, [createHash('sha256').update(bytes).digest(), bytes]);
        await rename(neighbour, pathOf(key)); // another build may read while we write
      } catch {
        // A folder that cannot be written makes the next build slower, and no build wrong.
      }
    },
  };
}
