import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { isLadder } from '../ladder/ladder.ts';
import type { Recipe } from '../recipe.ts';
import { recipeNamed } from '../recipes.ts';
import type { Result } from '../result.ts';
import { recipePage } from './recipe-page.ts';

test.each(['lenet-300-100.quick', 'lenet-5-best.full'])('draws the committed result %s', (file) => {
  const result = JSON.parse(readFileSync(new URL(`../../results/${file}.json`, import.meta.url), 'utf8')) as Result;
  const recipe = recipeNamed(result.recipe);
  expect(isLadder(recipe)).toBe(false);
  const { document } = parseHTML(recipePage(recipe as Recipe, result));
  expect(document.querySelector('h1')?.textContent).toBe(`${recipe.title}: ${result.sizes.ratio.toFixed(1)}x`);
  const [claims, layers] = [...document.querySelectorAll('table')].map(
    (table) => table.querySelectorAll('tbody tr').length,
  );
  expect([claims, layers]).toEqual([result.claims.length, result.sizes.parts.length]);
  expect(document.querySelectorAll('figure').length).toBe(3);
});
