import { MOST_SIZES, type Rates, type SizeCounts } from './rates.ts';
import { TRELLIS_NEXT } from './trellis.ts';

/** Makes levels of a column, one number of each row: see `latticeColumn` and `trellisColumn`. */
export interface ColumnQuantizer {
  /**
   * @param column - `[K]`, in units of the step
   * @param worth - `[K]`: what a squared step of error costs, in bits
   * @param kept - `[K]`, 0 where the level must be 0; undefined: none must
   * @param levels - receives the levels
   * @param counts - receives the sizes
   * @param start - state of a trellis above the column
   * @returns the state below it
   */
  (
    column: Float32Array,
    worth: Float32Array,
    kept: Uint8Array | undefined,
    levels: Int32Array,
    counts: SizeCounts,
    start: number,
  ): number;
}

/**
 * Makes a quantiser that gives each number the level for which worth · error² + bits is least: the nearest, the one below, or 0.
 *
 * @param rates - what sizes cost; undefined: nothing, and all are rounded to the nearest
 */
export function latticeColumn(rates: Rates | undefined): ColumnQuantizer {
  const bits = rates?.bits[0];
  return (column, worth, kept, levels, counts) => {
    const [sizes] = counts.counts;
    for (let k = 0; k < column.length; k++) {
      const value = column[k]!;
      const size = Math.abs(value);
      let level = kept && kept[k] === 0 ? 0 : Math.floor(size + 0.5);
      if (bits && level > 0) {
        const costOf = (candidate: number): number =>
          worth[k]! * (size - candidate) * (size - candidate) + bits[Math.min(candidate, MOST_SIZES)]!;
        let least = costOf(level);
        for (const candidate of level > 1 ? [level - 1, 0] : [0]) {
          const cost = costOf(candidate);
          if (cost < least) {
            least = cost;
            level = candidate;
          }
        }
      }
      count(counts, sizes, level);
      levels[k] = value < 0 ? -level : level;
    }
    return 0;
  };
}

/**
 * Makes a quantiser that follows the trellis down the column: of all paths the one for which Σ worth · error² + bits
 * is least (Viterbi). See trellis.ts for the machine.
 *
 * @param most - longest column
 */
export function trellisColumn(rates: Rates | undefined, most: number): ColumnQuantizer {
  const best = new Int32Array(4 * most); // of each row the best |k| by [Q0 even, Q0 odd, Q1 even, Q1 odd]
  const origins = new Uint8Array(most); // a bit for each state: which of its two predecessors
  const costs = new Float64Array(8);
  const next = new Float64Array(8);
  const choices = new Float64Array(4);
  const zero = new Float64Array(MOST_SIZES + 1);
  const bits = rates?.bits ?? [zero, zero];
  return (column, worth, kept, levels, counts, start) => {
    const { length } = column;
    costs.fill(Infinity);
    costs[start] = 0;
    for (let row = 0; row < length; row++) {
      const size = Math.abs(column[row]!);
      const weight = worth[row]!;
      const isKept = kept?.[row] !== 0;
      for (let choice = 0; choice < 4; choice++) {
        const half = choice >> 1;
        const parity = choice & 1;
        const costOf = bits[half]!;
        let chosen = parity;
        let least = Infinity;
        if (isKept) {
          // |level| = 2k − half: the k of this parity nearest to (size + half) / 2, and two less, where bits are cheaper; and none.
          const nearest = Math.max(parity, parity + 2 * Math.floor(((size + half) / 2 - parity) / 2 + 0.5));
          for (let k = nearest; k >= parity && k >= nearest - 2; k -= 2) {
            const distance = size - (k > 0 ? 2 * k - half : 0);
            const cost = weight * distance * distance + costOf[Math.min(k, MOST_SIZES)]!;
            if (cost < least) {
              least = cost;
              chosen = k;
            }
          }
        }
        if (parity === 0) {
          const cost = weight * size * size + costOf[0]!;
          if (cost < least) {
            least = cost;
            chosen = 0;
          }
        }
        best[4 * row + choice] = chosen;
        choices[choice] = least;
      }
      let from = 0;
      for (let state = 0; state < 8; state++) {
        const [a, b] = [PREDECESSORS[2 * state]!, PREDECESSORS[2 * state + 1]!];
        const first = costs[a >> 1]! + choices[2 * ((a >> 1) & 1) + (a & 1)]!;
        const second = costs[b >> 1]! + choices[2 * ((b >> 1) & 1) + (b & 1)]!;
        next[state] = Math.min(second, first);
        if (second < first) from |= 1 << state;
      }
      origins[row] = from;
      costs.set(next);
    }
    let state = 0;
    for (let other = 1; other < 8; other++) if (costs[other]! < costs[state]!) state = other;
    const end = state;
    for (let row = length - 1; row >= 0; row--) {
      const edge = PREDECESSORS[2 * state + ((origins[row]! >> state) & 1)]!;
      state = edge >> 1;
      const half = state & 1;
      const k = best[4 * row + 2 * half + (edge & 1)]!;
      const level = k > 0 ? 2 * k - half : 0;
      count(counts, counts.counts[half]!, k);
      levels[row] = column[row]! < 0 ? -level : level;
    }
    return end;
  };
}

function count(counts: SizeCounts, sizes: Float64Array, size: number): void {
  if (size <= MOST_SIZES) sizes[size]!++;
  else {
    sizes[MOST_SIZES]!++;
    counts.tail += Math.log2(size / MOST_SIZES);
  }
}

/** `PREDECESSORS[2 · state + which]` = 2 · state before + parity: the edges into each state, inverse to `TRELLIS_NEXT`. */
const PREDECESSORS: Uint8Array = /* @__PURE__ */ (() => {
  const edges: number[][] = Array.from({ length: 8 }, () => []);
  for (const [edge, state] of TRELLIS_NEXT.entries()) edges[state]!.push(edge);
  return Uint8Array.from(edges.flat());
})();
