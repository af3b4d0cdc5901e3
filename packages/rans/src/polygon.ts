import { LEVELS } from './frequencies.ts';

/** After `run` more parts the level is `change` higher, and between there is a straight line. */
export interface Knot {
  readonly run: number;
  readonly change: number;
}

/**
 * Draws a line over the parts from `part` on, rounded to whole levels and turned into the finest ones; stops at the last part.
 *
 * @param level - before the line
 * @param fineness - levels to the doubling: 2^fineness
 */
export function drawLine(
  levels: Uint8Array,
  part: number,
  level: number,
  { run, change }: Knot,
  fineness: number,
): void {
  for (let i = 1; i <= run && part < levels.length; i++, part++) {
    levels[part] = ((level + Math.round((change * i) / run)) << (3 - fineness)) & (LEVELS - 1);
  }
}

/** The levels on a polygon, of which encoder and decoder alike know only the knots. */
export function levelsOf(knots: readonly Knot[], parts: number, fineness: number): Uint8Array {
  const levels = new Uint8Array(parts);
  let part = 0;
  let level = 0;
  for (const knot of knots) {
    drawLine(levels, part, level, knot, fineness);
    part += knot.run;
    level += knot.change;
  }
  return levels;
}
