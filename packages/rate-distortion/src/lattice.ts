import { MOST_SIZES, type Rates, type SizeCounts } from './rates.ts';

/** How numbers become levels: whole multiples of `step`. */
export interface LatticeOptions {
  readonly step: number;
  /** What sizes cost, in bits. */
  readonly rates: Rates;
  /** Squared steps of error that saving one bit may cost; 0: the nearest level. */
  readonly slope: number;
  /** Factor of each row's squared error, mean 1; default 1 for all. */
  readonly rowImportance?: Float32Array;
}

/**
 * Rounds numbers to levels so that Σ (w/step − level)² + slope · Σ bits(|level|) is least, each by itself.
 *
 * Between sizes k − 1 and k the border lies where both cost the same:
 *
 *     (a − k)² + s·R_k = (a − k + 1)² + s·R_(k−1)   ⇔   a = k − ½ + s·(R_k − R_(k−1)) / 2
 *
 * so that zero, being cheap, draws numbers in: a dead zone. Zeros stay zero.
 *
 * @param counts - receives the sizes
 * @param out - receives the levels
 * @returns Σ (w − step · level)², each row times its importance
 */
export function roundToLattice(
  values: Float32Array,
  options: LatticeOptions,
  counts: SizeCounts,
  out: Int32Array,
): number {
  const { step, rates, slope, rowImportance } = options;
  const { length } = values;
  const rows = rowImportance?.length ?? 1;
  const perRow = length / (rows || 1);
  let error = 0;
  for (let row = 0, i = 0; row < rows; row++) {
    const importance = rowImportance ? rowImportance[row]! : 1;
    const borders = bordersOf(rates.bits[0], importance > 0 ? slope / importance : 0);
    const end = row === rows - 1 ? length : Math.round((row + 1) * perRow);
    let rowError = 0;
    for (; i < end; i++) {
      const value = values[i]!;
      const size = Math.abs(value) / step;
      let level = Math.floor(size + 0.5);
      while (level > 0 && level <= MOST_SIZES && size < borders[level]!) level--;
      rowError += (size - level) * (size - level);
      counts.add(0, level);
      out[i] = value < 0 ? -level : level;
    }
    error += importance * rowError;
  }
  return error * step * step;
}

/** `borders[k]`: the least size that becomes k rather than k − 1, never below k − 1 ½ nor above k: decisions stay between neighbours. */
function bordersOf(bits: Float64Array, slope: number): Float64Array {
  return bits.map((of, k) =>
    k === 0 ? 0 : k - 0.5 + Math.max(0, Math.min(0.5 + (k === 1 ? 0.5 : 0), (slope * (of - bits[k - 1]!)) / 2)),
  );
}
