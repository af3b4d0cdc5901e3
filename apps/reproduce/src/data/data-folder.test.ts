import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CorruptDataError, MissingPartError } from '@pare/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findDataFolder, missingIn, readPinned } from './data-folder.ts';
import { parseSums } from './image-set.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pare-'));
  mkdirSync(join(folder, 'nets'));
  writeFileSync(join(folder, 'nets/a.bin'), 'abc');
});
afterAll(() => rmSync(folder, { recursive: true }));

const sha256 = createHash('sha256').update('abc').digest('hex');
const named = () => findDataFolder({ env: { PARE_DATA: folder } })!;

test('the folder that PARE_DATA names comes before the one beside the repository', () => {
  expect(named()).toMatchObject({ path: folder, named: true });
  expect(findDataFolder({ env: { PARE_DATA: '' }, besideDirectory: folder })).toMatchObject({
    path: folder,
    named: false,
  });
  expect(findDataFolder({ env: {}, besideDirectory: join(folder, 'none') })).toBeUndefined();
  expect(findDataFolder({ env: {}, besideDirectory: false })).toBeUndefined();
});

test('reads what has its pin', () => {
  expect([...readPinned(named(), { path: 'nets/a.bin', sha256 })]).toEqual([97, 98, 99]);
});

test('a file that is another one is not taken', () => {
  expect(() => readPinned(named(), { path: 'nets/a.bin', sha256: '00' })).toThrow(CorruptDataError);
});

test('a file that is not there is named, without a path of this machine', () => {
  const read = () => readPinned(named(), { path: 'nets/b.bin', sha256 });
  expect(read).toThrow(MissingPartError);
  expect(read).toThrow('no readable "nets/b.bin" in the folder named by PARE_DATA (ENOENT)');
  expect(missingIn(named(), [{ path: 'nets/a.bin' }, { path: 'nets/b.bin' }])).toEqual(['nets/b.bin']);
});

test('lists of checksums are read as sha256sum writes them', () => {
  expect([...parseSums(`${sha256}  images/a b.jpg\n00 *c\n`)]).toEqual([
    ['images/a b.jpg', sha256],
    ['c', '00'],
  ]);
});
