import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import alexnetToSqueezenet from '../recipes/alexnet-to-squeezenet.ts';
import eie from '../recipes/eie.ts';
import energy from '../recipes/energy.ts';
import energyAware from '../recipes/energy-aware.ts';
import energyAwareSqueezenet from '../recipes/energy-aware-squeezenet.ts';
import lenet5 from '../recipes/lenet-5.ts';
import lenet5Best from '../recipes/lenet-5-best.ts';
import lenet300 from '../recipes/lenet-300-100.ts';
import lenet300Best from '../recipes/lenet-300-100-best.ts';
import { checkRecipe } from './check-recipe.ts';
import type { Ladder } from './ladder/ladder.ts';
import type { Recipe } from './recipe.ts';
import type { Study } from './study/study.ts';

/** What a run can be about: training, a ladder, a study. */
export type AnyRecipe = Recipe | Ladder | Study;

/** All recipes, longest first, so that none is left alone at the end. */
export const recipes: readonly AnyRecipe[] = [
  alexnetToSqueezenet,
  lenet5,
  lenet5Best,
  lenet300Best,
  lenet300,
  energyAwareSqueezenet,
  energyAware,
  eie,
  energy,
];

/** What runs when nothing is named. */
export const DEFAULT: string = alexnetToSqueezenet.name;

/** What stands in where there are no real networks: digits can at least be drawn, and learned. */
export const WITHOUT_DATA: string = lenet300.name;

/** What files brought. */
const brought = new Map<string, AnyRecipe>();

/**
 * Finds a recipe.
 *
 * @throws RangeError naming those there are
 */
export function recipeNamed(name: string): AnyRecipe {
  const found = recipes.find((recipe) => recipe.name === name) ?? brought.get(name);
  if (!found) {
    throw new RangeError(
      `unknown recipe "${name}": expected one of ${recipes
        .map((recipe) => recipe.name)
        .sort()
        .join(', ')}, or a file such as ./my-recipe.ts`,
    );
  }
  return found;
}

/** Whether a word on the command line names a file. */
export const isRecipeFile = (word: string): boolean => /\.[cm]?[jt]s$/.test(word);

/**
 * Brings the recipe that a file exports as default; from then on it is known by its name.
 *
 * @throws RangeError if there is no such file, it is no recipe, or one of ours has its name
 */
export async function bringRecipe(path: string): Promise<AnyRecipe> {
  const file = resolve(path);
  if (!existsSync(file)) throw new RangeError(`there is no file ${file}`);
  const { default: recipe } = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  checkRecipe(file, recipe);
  if (recipes.some(({ name }) => name === recipe.name)) {
    throw new RangeError(`${file}: there is a recipe "${recipe.name}" already; give it another name`);
  }
  brought.set(recipe.name, recipe);
  return recipe;
}
