import { readIfThere } from '@pare/cli/whole-file';
import { committedResult } from '../places.ts';
import type { Result } from '../result.ts';

/** A smaller network whose result is committed: shown beside a ladder, never computed by it. */
export interface Beside {
  readonly recipe: string;
  readonly mode: string;
  readonly bytes: number;
  /** The network's own bytes as float32 over these. */
  readonly ratio: number;
  /** Shares, of the dense network and of the file. */
  readonly error: { readonly before: number; readonly after: number };
}

/**
 * Finds what is committed of recipes that train: of each its longest run.
 *
 * @param names - of the recipes
 */
export const besideResults = (names: readonly string[]): readonly Beside[] =>
  names.flatMap((name) => {
    for (const mode of ['full', 'quick'] as const) {
      const text = readIfThere(committedResult(name, mode, 1))?.toString();
      if (!text) continue;
      const { sizes, accuracy } = JSON.parse(text) as Result;
      const error = { before: 1 - accuracy.before, after: 1 - accuracy.after };
      return [{ recipe: name, mode, bytes: sizes.fileBytes, ratio: sizes.ratio, error }];
    }
    return [];
  });
