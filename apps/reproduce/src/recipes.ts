import lenet5 from '../recipes/lenet-5.ts';
import lenet5Best from '../recipes/lenet-5-best.ts';
import lenet300 from '../recipes/lenet-300-100.ts';
import lenet300Best from '../recipes/lenet-300-100-best.ts';
import type { Recipe } from './recipe.ts';

/** All recipes, longest first, so that none is left alone at the end. */
export const recipes: readonly Recipe[] = [lenet5, lenet5Best, lenet300Best, lenet300];

/**
 * Finds a recipe.
 *
 * @throws RangeError naming those there are
 */
export function recipeNamed(name: string): Recipe {
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
