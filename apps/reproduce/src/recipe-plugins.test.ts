import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lenet300 } from '@pare/architectures';
import { definePlugin } from '@pare/core';
import { afterAll, describe, expect, test } from 'vitest';
import { defineRecipe } from './recipe.ts';
import { addedTo, withPlugins } from './recipe-plugins.ts';

const folder = mkdtempSync(join(tmpdir(), 'pare-'));
afterAll(() => rmSync(folder, { recursive: true }));

const reporter = (id: string) => ({ id, extension: 'txt', render: () => id });
const own = definePlugin({ name: 'pare-plugin-own', apiVersion: 1, reporters: [reporter('own')] });
const recipe = defineRecipe({
  name: 'tiny',
  title: 'Nothing',
  source: 'this test',
  layers: lenet300,
  phases: () => [{ name: 'dense', stages: [] }],
  departures: ['it trains nothing'],
  encode: {},
  plugins: [own],
  claims: [],
});

/** Writes a plugin that adds a reporter. */
function pluginFile(id: string): string {
  const file = join(folder, `${id}.ts`);
  const reporters = `[{ id: '${id}', extension: 'txt', render: (): string => '${id}' }]`;
  writeFileSync(file, `export default { name: 'pare-plugin-${id}', apiVersion: 1, reporters: ${reporters} };\n`);
  return file;
}

describe('withPlugins', () => {
  test('adds what is named to what the recipe brings, and says so', async () => {
    const found = await withPlugins(recipe, [pluginFile('badge'), pluginFile('csv')]);
    expect(addedTo(found).reporters.map(({ id }) => id)).toEqual(['own', 'badge', 'csv']);
    expect(found.departures).toEqual(['it trains nothing', 'it ran with pare-plugin-badge, pare-plugin-csv']);
    expect(await withPlugins(recipe, [])).toBe(recipe);
  });

  test('refuses what does not load, and what is there already', async () => {
    await expect(withPlugins(recipe, ['./nowhere.ts'])).rejects.toThrow(
      '--plugin: plugin "./nowhere.ts" does not load',
    );
    await expect(withPlugins(recipe, [pluginFile('own')])).rejects.toThrow(
      '--plugin: createRegistry: "pare-plugin-own" and "pare-plugin-own" both add "own" to reporters',
    );
  });
});
