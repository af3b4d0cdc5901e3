import { writeWhole } from '@pare/cli/whole-file';
import type { Ladder } from '../ladder/ladder.ts';
import type { LadderResult } from '../ladder/ladder-result.ts';
import type { Recipe } from '../recipe.ts';
import type { Result } from '../result.ts';
import { ladderPage } from './ladder-page.ts';
import { recipePage } from './recipe-page.ts';

/**
 * Writes the report of a ladder: one page that needs nothing but itself.
 *
 * @param titles - what each judging image shows
 */
export const writeLadderReport = (
  path: string,
  ladder: Ladder,
  result: LadderResult,
  titles: readonly string[],
): void => writeWhole(path, ladderPage(ladder, result, titles));

/** The same for a recipe that trains. */
export const writeRecipeReport = (path: string, recipe: Recipe, result: Result): void =>
  writeWhole(path, recipePage(recipe, result));
