import type { LatticeOptions } from './lattice.ts';
import type { SizeCounts } from './rates.ts';
import { pathFinder } from './trellis-path.ts';

/** Columns that are taken out of a matrix at once, to lie one after the other: 16 float32 fill a cache line. */
const TILE = 16;

/** How a matrix becomes levels down trellises. */
export interface TrellisOptions extends LatticeOptions {
  /** Of the matrix, a divisor of the numbers; default one column. */
  readonly rows?: number;
}

/**
 * Finds the levels along paths of the trellis, one down each column, for which Σ (w/step − level)² + slope · Σ bits(|k|) is
 * least. Zeros stay zero.
 *
 * @param values - a matrix, row-major
 * @param counts - receives the sizes |k|, by quantiser
 * @param out - receives the levels
 * @returns Σ (w − step · level)², each row times its importance
 * @see Marcellin, Fischer 1990, Trellis coded quantization of memoryless and Gauss-Markov sources; Schwarz et al. 2019, Hybrid
 *   video coding with trellis-coded quantization; ISO/IEC 15938-17 (the machine)
 */
export function roundToTrellis(
  values: Float32Array,
  options: TrellisOptions,
  counts: SizeCounts,
  out: Int32Array,
): number {
  const { step, slope, rates, rows = values.length, rowImportance = new Float32Array(rows).fill(1) } = options;
  if (values.length === 0) return 0;
  const columns = values.length / rows;
  const tile = Math.min(TILE, columns);
  // Column by column, rows side by side: [tile, rows].
  const sizes = new Float64Array(tile * rows); // |w| / step
  const levels = new Int32Array(tile * rows); // |level|
  const [bits0, bits1] = rates.bits;
  const costs = { bits: [bits0.map((bits) => slope * bits), bits1.map((bits) => slope * bits)] } as const;
  const findPath = pathFinder(costs, rows, counts);
  let error = 0;
  for (let first = 0; first < columns; first += tile) {
    const count = Math.min(tile, columns - first);
    for (let row = 0; row < rows; row++) {
      const from = row * columns + first;
      for (let c = 0; c < count; c++) sizes[c * rows + row] = Math.abs(values[from + c]!) / step;
    }
    for (let c = 0; c < count; c++) findPath(sizes, rowImportance, levels, c * rows, rows, 0);
    for (let row = 0; row < rows; row++) {
      const from = row * columns + first;
      let rowError = 0;
      for (let c = 0; c < count; c++) {
        const level = levels[c * rows + row]!;
        const distance = sizes[c * rows + row]! - level;
        rowError += distance * distance;
        out[from + c] = values[from + c]! < 0 ? -level : level;
      }
      error += rowImportance[row]! * rowError;
    }
  }
  return error * step * step;
}
