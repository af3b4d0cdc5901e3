import { LEVELS, weightOf } from './frequencies.ts';
import type { Knot } from './polygon.ts';
import { knotBits } from './write-table.ts';

// A line longer than this takes another knot; 24 because time grows with the square and the knot costs half a bit a part.
const LONGEST_LINE = 24;

/** How far from a part's own level knots are tried, in levels: less where the parts are many, to save time. */
const reachFor = (parts: number): number => (parts <= 64 ? 2 : 1);

/**
 * Draws the polygon of levels that makes knots and coded parts smallest together.
 *
 * With levels l_i standing for probabilities q(l) of nearly the right sum, parts that occur c_i times, N in all, take
 *
 *     Σ −c_i · log2 q(l_i) + N · log2(Σ q(l_i))   ≤   Σ (−c_i · log2 q(l_i) + N · log2 e · q(l_i)) − N · log2 e
 *
 * bits, by ln y ≤ y − 1; at the best sum, 1, they are equal. The right side is a cost for each part by itself, so the best
 * polygon is a shortest path: its nodes are knots (part, level), an edge costs its knot and the parts under its line.
 *
 * @param histogram - how often each part occurs
 * @param fineness - levels to the doubling: 2^fineness
 * @param order - as in the table
 * @param precision - frequencies will sum to 2^precision or so
 */
export function planPolygon(histogram: Uint32Array, fineness: number, order: number, precision: number): Knot[] {
  const parts = histogram.length;
  const reach = reachFor(parts);
  const { levels, surprise, mass, floor } = levelCosts(histogram, fineness, precision, reach);

  // Nodes of part i: levels[i] + 0…2·reach, or 0 alone if it does not occur; of part −1, before the first: 0 alone.
  const width = 2 * reach + 1;
  const lowest = (part: number): number => (part < 0 ? 0 : levels[part]!);
  const nodes = (part: number): number => (lowest(part) > 0 ? width : 1);
  const best = new Float64Array((parts + 1) * width).fill(Infinity);
  const from = new Int32Array((parts + 1) * width);
  best[0] = 0;
  const improve = (node: number, cost: number, before: number): void => {
    if (cost < best[node]!) {
      best[node] = cost;
      from[node] = before;
    }
  };

  let lastZero = -1; // the last of the parts from the next on that do not occur, if there are any
  for (let part = -1; part < parts - 1; part++) {
    for (lastZero = Math.max(lastZero, part); histogram[lastZero + 1] === 0; lastZero++);
    for (let k = 0; k < nodes(part); k++) {
      const node = (part + 1) * width + k;
      const soFar = best[node]!;
      if (soFar === Infinity) continue;
      const level = lowest(part) + k;
      if (level === 0 && lastZero > part) {
        improve((lastZero + 1) * width, soFar + knotBits(lastZero - part, 0, order), node);
        continue;
      }
      for (let run = 1; run <= LONGEST_LINE && part + run < parts; run++) {
        const end = part + run;
        const under = soFar + floor[end + 1]! - floor[part + 1]!;
        for (let m = 0; m < nodes(end); m++) {
          const there = (end + 1) * width + m;
          const limit = best[there]!;
          const change = lowest(end) + m - level;
          let cost = under + knotBits(run, change, order);
          // The line, rounded: after i parts ⌊(2·i·change + run) / (2·run)⌋, by carrying the remainder along.
          const slope = Math.floor(change / run);
          const rest = 2 * (change - slope * run);
          let high = level;
          let remainder = run;
          for (let i = part + 1; cost < limit && i <= end; i++) {
            high += slope;
            remainder += rest;
            if (remainder >= 2 * run) {
              remainder -= 2 * run;
              high++;
            }
            cost += histogram[i]! * surprise[high]! + mass[high]! - (floor[i + 1]! - floor[i]!);
          }
          improve(there, cost, node);
        }
      }
    }
  }

  const knots: Knot[] = [];
  let node = parts * width;
  for (let k = 1; k < nodes(parts - 1); k++) if (best[parts * width + k]! < best[node]!) node = parts * width + k;
  for (let part = parts - 1; part >= 0; ) {
    const level = lowest(part) + (node % width);
    const before = from[node]!;
    const partBefore = Math.floor(before / width) - 1;
    knots.push({ run: part - partBefore, change: level - (lowest(partBefore) + (before % width)) });
    part = partBefore;
    node = before;
  }
  return knots.reverse();
}

interface LevelCosts {
  /** For each part the lowest level to try; 0 for one that does not occur. */
  readonly levels: Uint8Array;
  /** For each level −log2 q. */
  readonly surprise: Float64Array;
  /** For each level N · log2 e · q. */
  readonly mass: Float64Array;
  /** The least that the parts before can take, whatever the levels. Tells early that a line is too expensive. */
  readonly floor: Float64Array;
}

/** With T = 2^precision, R the slots left when each of m parts has one: q(l) = (1 + weight(l) · R / S) / T. */
function levelCosts(histogram: Uint32Array, fineness: number, precision: number, reach: number): LevelCosts {
  let total = 0;
  let used = 0;
  let least = Infinity;
  let most = 0;
  for (const count of histogram) {
    if (count === 0) continue;
    total += count;
    used++;
    least = Math.min(least, count);
    most = Math.max(most, count);
  }
  const slots = 2 ** precision;
  const rest = Math.max(1, slots - used);
  const highest = (LEVELS >> (3 - fineness)) - 1;
  const weights = Float64Array.from({ length: highest + 1 }, (_, level) => weightOf(level << (3 - fineness)));
  const share = (count: number): number => Math.max(0.5, (count / total) * slots - 1);
  // S is ours to choose, as only ratios count: the rarest part gets level 1, unless the most frequent would be too high.
  const sum = Math.min((weights[1]! * rest) / share(least), (weights[highest]! * rest) / share(most));

  const levels = Uint8Array.from(histogram, (count) => {
    if (count === 0) return 0;
    const own = Math.round(2 ** fineness * Math.log2((share(count) * sum) / rest / 64));
    return Math.min(Math.max(1, own - reach), highest - 2 * reach);
  });
  const chances = weights.map((weight) => (1 + (weight * rest) / sum) / slots);
  const surprise = chances.map((chance) => -Math.log2(chance));
  surprise[0] = 1e9; // a line may pass below parts that do not occur only
  const mass = chances.map((chance) => total * Math.LOG2E * chance);
  mass[0] = 0;
  const floor = new Float64Array(histogram.length + 1);
  for (let i = 0; i < histogram.length; i++) {
    const count = histogram[i]!;
    // c · −log2 q + N · log2 e · q is least at q = c / N.
    floor[i + 1] = floor[i]! + (count > 0 ? count * (Math.LOG2E - Math.log2(count / total)) : 0);
  }
  return { levels, surprise, mass, floor };
}
