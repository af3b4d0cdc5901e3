import { writeWhole } from '@pare/cli/whole-file';
import type { Ladder } from '../ladder/ladder.ts';
import type { LadderResult } from '../ladder/ladder-result.ts';
import { ladderPage } from './ladder-page.ts';

/** Writes a ladder's report: one page that needs nothing but itself. */
export function writeReport(path: string, ladder: Ladder, result: LadderResult, titles: readonly string[]): void {
  writeWhole(path, ladderPage(ladder, result, titles));
}
