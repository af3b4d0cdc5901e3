import type { Row } from './row.ts';

/** A recipe of another kind: rows that are computed one by one, each from its own network to a judged file. */
export interface Ladder {
  readonly kind: 'ladder';
  readonly name: string;
  readonly title: string;
  readonly source: string;
  /** In the order in which they are shown, and computed. */
  readonly rows: readonly Row[];
  /** Recipes whose committed results are shown beside it. */
  readonly beside?: readonly string[];
}

/** Helps an editor to complete a ladder. */
export const defineLadder = (ladder: Omit<Ladder, 'kind'>): Ladder => ({ kind: 'ladder', ...ladder });

/** Tells a ladder from a recipe that trains. */
export const isLadder = <T extends object>(recipe: T | Ladder): recipe is Ladder =>
  'kind' in recipe && recipe.kind === 'ladder';
