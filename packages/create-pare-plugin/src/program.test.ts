import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KINDS, type PluginKind } from './kinds.ts';
import { main, type Surroundings } from './program.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'create-pare-plugin-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function create(words: readonly string[], ask?: Surroundings['ask']) {
  let [stdout, stderr] = ['', ''];
  const code = await main(words, {
    folder,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    ...(ask && { ask }),
  });
  return { code, stdout, stderr };
}

const kinds = Object.keys(KINDS) as PluginKind[];

describe('create-pare-plugin', () => {
  test.each(kinds)('writes a package of the kind %s, under its own name everywhere', async (kind) => {
    const { code, stdout } = await create(['x-ray-3', '--kind', kind, '--json']);
    expect(code).toBe(0);
    const { files, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ folder: 'pare-plugin-x-ray-3', package: 'pare-plugin-x-ray-3', kind });
    expect(files).toEqual(
      expect.arrayContaining(['package.json', 'README.md', '.gitignore', 'src/index.ts', 'src/x-ray-3.test.ts']),
    );
    for (const path of files) {
      expect(readFileSync(join(folder, rest.folder, path), 'utf8')).not.toMatch(/my-?thing|workspace:/i);
    }
    const manifest = JSON.parse(readFileSync(join(folder, rest.folder, 'package.json'), 'utf8'));
    expect(Object.values({ ...manifest.dependencies, ...manifest.devDependencies })).not.toContain('latest');
  });

  test.each(kinds)('the templates of %s import nothing that their package does not bring', async (kind) => {
    await create(['x', '--kind', kind]);
    const at = (path: string) => readFileSync(join(folder, 'pare-plugin-x', path), 'utf8');
    const { dependencies, devDependencies, peerDependencies } = JSON.parse(at('package.json'));
    for (const file of readdirSync(join(folder, 'pare-plugin-x/src'))) {
      const brought = { ...dependencies, ...peerDependencies, ...(file.endsWith('.test.ts') && devDependencies) };
      const imported = [...at(`src/${file}`).matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name!);
      for (const name of imported) expect(Object.keys(brought), file).toContain(name);
    }
  });

  test('asks for what is missing, if somebody is there', async () => {
    const ask = { name: async () => 'asked', kind: async () => 'codec' as const };
    expect((await create([], ask)).code).toBe(0);
    expect(readdirSync(folder)).toEqual(['pare-plugin-asked']);
    expect((await create(['other'], { ...ask, kind: async () => undefined })).code).toBe(130);
    expect(readdirSync(folder)).toEqual(['pare-plugin-asked']);
  });

  test.each([
    [['My Thing', '--kind', 'stage'], /name: expected small letters and digits in words joined by hyphens/],
    [['x', '--kind', 'poem'], /--kind: expected stage, codec, form, hardware, importer, reporter, got "poem"/],
    [['x'], /--kind is missing/],
    [[], /a name is missing/],
    [['x', 'y', '--kind', 'stage'], /expected one name, got x y/],
    [['x', '--colour', 'red'], /Unknown option '--colour'/],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await create(words);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('leaves a folder that is not empty as it is', async () => {
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    const { code, stderr } = await create(['x', '--kind', 'stage', '--folder', '.']);
    expect(stderr).toMatch(/is not empty: name another folder/);
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual(['mine.txt']);
  });

  test('explains itself', async () => {
    const { code, stdout } = await create(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Usage: npm create pare-plugin my-thing/);
  });
});
