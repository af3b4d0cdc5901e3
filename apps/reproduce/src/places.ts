import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mode } from './recipe.ts';

const APP = fileURLToPath(new URL('..', import.meta.url));

/** Where runs write by default; git ignores it. */
export const OUT: string = join(APP, 'out');

/** What sets a run apart from others of its recipe: the mode, and the seed unless it is the first. */
export const runName = (mode: Mode, seed: number): string => (seed === 1 ? mode : `${mode}.seed${seed}`);

/** The file in which a run's result is committed. */
export const committedResult = (recipe: string, mode: Mode, seed: number): string =>
  join(APP, 'results', `${recipe}.${runName(mode, seed)}.json`);
