import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The part of a file handle that writing needs; tests give one whose disk is full. */
export interface Writable {
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes a file so that nobody ever sees half of it: into a neighbour with a name of its own, then renamed.
 *
 * @throws the system's error, after removing the neighbour
 */
export async function writeWhole(
  path: string,
  bytes: Uint8Array,
  create: (path: string) => Promise<Writable> = (neighbour) => open(neighbour, 'wx'),
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const neighbour = `${path}.${randomUUID()}.part`;
  try {
    const file = await create(neighbour);
    try {
      await file.writeFile(bytes);
      await file.sync(); // some file systems notice only here that they are full
    } finally {
      await file.close();
    }
    await rename(neighbour, path);
  } catch (error) {
    await rm(neighbour, { force: true });
    throw error;
  }
}
