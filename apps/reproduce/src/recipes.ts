import alexnetToSqueezenet from '../recipes/alexnet-to-squeezenet.ts';
import eie from '../recipes/eie.ts';
import energy from '../recipes/energy.ts';
import lenet5 from '../recipes/lenet-5.ts';
import lenet5Best from '../recipes/lenet-5-best.ts';
import lenet300 from '../recipes/lenet-300-100.ts';
import lenet300Best from '../recipes/lenet-300-100-best.ts';
import type { Ladder } from './ladder/ladder.ts';
import type { Recipe } from './recipe.ts';
import type { Study } from './study/study.ts';

/** All recipes, longest first, so that none is left alone at the end. */
export const recipes: readonly (Recipe | Ladder | Study)[] = [
  alexnetToSqueezenet,
  lenet5,
  lenet5Best,
  lenet300Best,
  lenet300,
  eie,
  energy,
];

/** What runs when nothing is named. */
export const DEFAULT: string = alexnetToSqueezenet.name;

/** What stands in where there are no real networks: digits can at least be drawn, and learned. */
export const WITHOUT_DATA: string = lenet300.name;

/**
 * Finds a recipe.
 *
 * @throws RangeError naming those there are
 */
export function recipeNamed(name: string): Recipe | Ladder | Study {
  const found = recipes.find((recipe) => recipe.name === name);
  if (!found) {
    throw new RangeError(
      `unknown recipe "${name}": expected one of ${recipes
        .map((recipe) => recipe.name)
        .sort()
        .join(', ')}`,
    );
  }
  return found;
}
