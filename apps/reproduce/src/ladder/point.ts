import type { Statistics } from '../judgement/statistics.ts';
import type { Point } from './row.ts';

/** What a file that was tried is worth, for curves. */
export const pointOf = (
  method: string,
  bytes: number,
  { count, accuracy, agreement, divergence }: Statistics,
): Point => ({ method, bytes, count, top1: accuracy?.top1 ?? null, agreement, divergence });
