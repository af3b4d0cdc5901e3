export interface SearchOptions {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  /** dy/dx to begin with, > 0. */
  readonly slope: number;
  /** A y between −tolerance and 0 ends the search. */
  readonly tolerance: number;
  readonly most: number;
}

/**
 * Searches the largest x with y(x) ≤ 0, y rising: by secants, kept within what is known.
 *
 * @param valueAt - y; called at most `most` times, and once more at `from` if none of the x tried was good
 * @returns the largest x seen with y ≤ 0; undefined if not even `from` is
 */
export function largestWithin(valueAt: (x: number) => number, options: SearchOptions): number | undefined {
  const { from, to, tolerance, most } = options;
  let { start: x, slope } = options;
  let good: Point | undefined;
  let bad: Point | undefined;
  for (let tries = 0; tries < most; tries++) {
    x = Math.min(to, Math.max(from, x));
    const y = valueAt(x);
    const last = y <= 0 ? good : bad;
    if (last && x !== last.x) slope = Math.max(slope / 8, (y - last.y) / (x - last.x));
    if (y <= 0) {
      if (!good || x > good.x) good = { x, y };
      if (y >= -tolerance || x >= to) break;
    } else {
      if (!bad || x < bad.x) bad = { x, y };
      if (x <= from) break;
    }
    const aim = -tolerance / 2;
    if (good && bad) {
      const width = bad.x - good.x;
      if (!(width > NARROW)) break;
      const secant = good.x + (width * (aim - good.y)) / (bad.y - good.y);
      // A secant that stays at one end again and again learns little: at least a tenth from either, and now and then the middle.
      x = tries % 4 === 3 ? good.x + width / 2 : Math.min(bad.x - width / 10, Math.max(good.x + width / 10, secant));
      // …unless the end is so near that a tenth is beyond the aim.
      if (Math.abs(good.y) < 4 * tolerance) x = Math.max(good.x + width / 1000, Math.min(x, secant));
      else if (bad.y < 4 * tolerance) x = Math.min(bad.x - width / 1000, Math.max(x, secant));
    } else {
      x += Math.max(-FARTHEST, Math.min(FARTHEST, (aim - y) / slope));
    }
  }
  if (!good && (!bad || bad.x > from) && valueAt(from) <= 0) return from;
  return good?.x;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Octaves of scale: closer is no closer. */
const NARROW = 1e-5;

/** A step may lead so far, where the slope is only a guess. */
const FARTHEST = 6;
