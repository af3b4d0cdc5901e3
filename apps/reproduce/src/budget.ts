import { geometricSchedule } from '@pare/pruning';
import type { Mode } from './recipe.ts';

/** Epochs by mode; a smoke run trains for one. */
export const epochs = (mode: Mode, quick: number, full: number): number => ({ smoke: 1, quick, full })[mode];

/** Rounds of pruning by mode; a smoke run prunes twice. */
export const rounds = (mode: Mode, quick: number, full: number): number => ({ smoke: 2, quick, full })[mode];

/**
 * Kept shares by layer after a round of iterative pruning, reaching `densities` in the last.
 *
 * @param round - 0 … rounds − 1
 */
export const keepAfter = (
  densities: Readonly<Record<string, number>>,
  round: number,
  rounds: number,
): Record<string, number> =>
  Object.fromEntries(Object.entries(densities).map(([name, to]) => [name, geometricSchedule({ to, rounds })(round)]));
