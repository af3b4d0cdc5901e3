import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from './write-whole.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pare-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('writes a file and the folders above it', async () => {
  const path = join(folder, 'a', 'b', 'file');
  await writeWhole(path, Uint8Array.of(1, 2, 3));
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['file']);
});

test('replaces what was there', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'older and longer');
  await writeWhole(path, Uint8Array.of(7));
  expect([...(await readFile(path))]).toEqual([7]);
});

/** A disk with room for two bytes. */
const fullDisk = async (path: string) => {
  const file = await open(path, 'wx');
  return {
    writeFile: async (bytes: Uint8Array) => {
      await file.write(bytes.subarray(0, 2));
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
    sync: () => file.sync(),
    close: () => file.close(),
  };
};

test('a full disk leaves nothing half written, and what was there as it was', async () => {
  const path = join(folder, 'file');
  await expect(writeWhole(path, Uint8Array.of(1, 2, 3), fullDisk)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await readdir(folder)).toEqual([]);
  await writeFile(path, 'older');
  await expect(writeWhole(path, Uint8Array.of(1, 2, 3), fullDisk)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await readdir(folder)).toEqual(['file']);
  expect(await readFile(path, 'utf8')).toBe('older');
});

test('a rename that fails leaves no neighbour', async () => {
  await mkdir(join(folder, 'taken', 'by a folder'), { recursive: true });
  await expect(writeWhole(join(folder, 'taken'), Uint8Array.of(1))).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['taken']);
});
