import type { Ladder } from '../ladder/ladder.ts';
import type { LadderResult } from '../ladder/ladder-result.ts';
export const ladderPage = (ladder: Ladder, result: LadderResult, titles: readonly string[]): string =>
  `${ladder.title} ${result.rows.length} ${titles.length}`;
