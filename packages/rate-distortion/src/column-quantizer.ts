import { MOST_SIZES, noRates, type Rates, type SizeCounts } from './rates.ts';
import { pathFinder } from './trellis-path.ts';

/**
 * Makes levels of a column, one number of each row: see `latticeColumn` and `trellisColumn`.
 *
 * @param column - `[K]`, in units of the step
 * @param worth - `[K]`: what a squared step of error costs, in bits
 * @param kept - `[K]`, 0 where the level must be 0; undefined: none must
 * @param levels - receives the levels
 * @param start - state of a trellis above the column
 * @returns the state below it
 */
export type ColumnQuantizer = (
  column: Float32Array,
  worth: Float32Array,
  kept: Uint8Array | undefined,
  levels: Int32Array,
  start: number,
) => number;

/**
 * Makes a quantiser that gives each number the level for which worth · error² + bits is least: the nearest, the one below, or 0.
 *
 * @param rates - what sizes cost; undefined: nothing, and all are rounded to the nearest
 * @param counts - receives the sizes
 */
export function latticeColumn(rates: Rates | undefined, counts: SizeCounts): ColumnQuantizer {
  const bits = rates?.bits[0];
  return (column, worth, kept, levels) => {
    for (let k = 0; k < column.length; k++) {
      const value = column[k]!;
      const size = Math.abs(value);
      let level = kept && kept[k] === 0 ? 0 : Math.floor(size + 0.5);
      if (bits && level > 0) {
        const weight = worth[k]!;
        const nearest = level;
        let least = weight * (size - nearest) * (size - nearest) + bits[Math.min(nearest, MOST_SIZES)]!;
        if (nearest > 1) {
          const below = size - nearest + 1;
          const cost = weight * below * below + bits[Math.min(nearest - 1, MOST_SIZES)]!;
          if (cost < least) {
            least = cost;
            level = nearest - 1;
          }
        }
        if (weight * size * size + bits[0]! < least) level = 0;
      }
      counts.add(0, level);
      levels[k] = value < 0 ? -level : level;
    }
    return 0;
  };
}

/**
 * Makes a quantiser that follows the trellis down the column: of all paths the one for which Σ worth · error² + bits is least
 * (Viterbi). See trellis-path.ts for the machine.
 *
 * @param most - longest column
 * @param counts - receives the sizes, by quantiser
 */
export function trellisColumn(rates: Rates | undefined, most: number, counts: SizeCounts): ColumnQuantizer {
  const sizes = new Float64Array(most);
  const findPath = pathFinder(rates ?? noRates(), most, counts);
  return (column, worth, kept, levels, start) => {
    for (let k = 0; k < column.length; k++) sizes[k] = kept?.[k] === 0 ? 0 : Math.abs(column[k]!);
    const end = findPath(sizes, worth, levels, 0, column.length, start);
    for (let k = 0; k < column.length; k++) if (column[k]! < 0) levels[k] = -levels[k]!;
    return end;
  };
}
