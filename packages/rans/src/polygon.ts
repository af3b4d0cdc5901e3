import { LEVELS } from './frequencies.ts';

/** After `run` more parts the level is `change` higher, and between there is a straight line. */
export interface Knot {
  readonly run: number;
  readonly change: number;
}

/** The levels on a polygon, of which encoder and decoder alike know only the knots. */
export function levelsOf(knots: Iterable<Knot>, parts: number, fineness: number): Uint8Array {
  const levels = new Uint8Array(parts);
  let part = 0;
  let level = 0;
  for (const { run, change } of knots) {
    for (let i = 1; i <= run; i++) {
      levels[part++] = ((level + Math.round((change * i) / run)) << (3 - fineness)) & (LEVELS - 1);
    }
    level += change;
  }
  return levels;
}
