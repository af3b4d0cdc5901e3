import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readIfThere, writeWhole } from './whole-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('writeWhole', () => {
  test('writes a file and the folders above it', () => {
    const path = join(folder, 'a', 'b', 'file');
    writeWhole(path, Uint8Array.of(1, 2, 3));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['file']);
  });

  test('replaces what was there, writing on where the system takes only some', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'older and longer');
    writeWhole(path, 'newer', (file, bytes) => writeSync(file, bytes.subarray(0, 2)));
    expect(readFileSync(path, 'utf8')).toBe('newer');
  });

  test('a full disk leaves nothing half written, and what was there as it was', () => {
    const path = join(folder, 'file');
    const fullDisk = (file: number, bytes: Uint8Array): number => {
      writeSync(file, bytes.subarray(0, 2)); // room for two bytes
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    const attempt = () => writeWhole(path, Uint8Array.of(1, 2, 3), fullDisk);
    expect(attempt).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(path, 'older');
    expect(attempt).toThrow(/cannot write .*file: ENOSPC: no space left on device, write; make room/);
    expect(readdirSync(folder)).toEqual(['file']);
    expect(readFileSync(path, 'utf8')).toBe('older');
  });

  test('a rename that fails leaves no neighbour', () => {
    mkdirSync(join(folder, 'taken', 'by a folder'), { recursive: true });
    expect(() => writeWhole(join(folder, 'taken'), 'x')).toThrow('cannot write');
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  test('names the file where there can be none', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeWhole(join(folder, 'file', 'below'), 'x')).toThrow(/cannot write .*below/);
  });
});

test('readIfThere tells absence from other trouble', () => {
  expect(readIfThere(join(folder, 'absent'))).toBeUndefined();
  expect(() => readIfThere(folder)).toThrow('EISDIR');
});
