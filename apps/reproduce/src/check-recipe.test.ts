import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkRecipe } from './check-recipe.ts';
import type { Recipe } from './recipe.ts';
import { bringRecipe, recipes } from './recipes.ts';

const APP = fileURLToPath(new URL('..', import.meta.url));

test('the recipe of the README is one', async () => {
  const [, code] = /```ts\n(.*?)```/s.exec(readFileSync(join(APP, 'README.md'), 'utf8'))!;
  const folder = mkdtempSync(join(APP, 'recipes', 'readme-')); // where packages are found
  try {
    writeFileSync(join(folder, 'my-recipe.ts'), code!);
    const { name, layers, phases } = (await bringRecipe(join(folder, 'my-recipe.ts'))) as Recipe;
    expect(name).toBe('my-recipe');
    expect(layers().at(-1)!.outputShape).toEqual([10]);
    expect(phases('smoke').map((phase) => phase.name)).toEqual(['dense', 'pruned']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('ours pass', () => {
  for (const recipe of recipes.filter((one) => !('kind' in one))) expect(() => checkRecipe('x', recipe)).not.toThrow();
});

const claim = { what: 'compression', published: 2, source: 'me', bound: { atLeast: 2 } };
const good = { name: 'a', title: 'b', source: 'c', layers: () => [], phases: () => [], encode: {}, claims: [claim] };
test.each([
  [undefined, 'the default export expected a recipe, got nothing'],
  [{ ...good, title: 3 }, '"title" expected a text, got 3'],
  [{ ...good, layers: [] }, '"layers" expected a function that returns them, got []'],
  [{ ...good, encode: () => 1 }, '"encode" expected options of encodeModel, {} for none, got a function'],
  [{ ...good, claims: undefined }, '"claims" expected a list, [] for none, got nothing'],
  [{ ...good, claims: [claim, 3] }, '"claims[1]" expected an object, got 3'],
  [{ ...good, claims: [{ ...claim, what: 'error' }] }, '"claims[0].what" expected one of compression, top-1 error'],
  [{ ...good, claims: [{ ...claim, published: '2' }] }, '"claims[0].published" expected a number or null, got "2"'],
  [{ ...good, claims: [{ ...claim, source: null }] }, '"claims[0].source" expected a text, got null'],
  [
    { ...good, claims: [{ ...claim, bound: 3 }] },
    '"claims[0].bound" expected { atLeast: number } or { atMost: number }',
  ],
])('says what is wrong with %j', (recipe, message) => {
  expect(() => checkRecipe('my.ts', good)).not.toThrow();
  expect(() => checkRecipe('my.ts', recipe)).toThrow(`my.ts: ${message}`);
});
