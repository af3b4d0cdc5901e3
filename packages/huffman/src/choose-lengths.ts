import { balancedLengths } from './balanced-lengths.ts';
import { BitWriter } from './bit-writer.ts';
import { type CodeLengthOptions, codeLengths } from './code-lengths.ts';
import { writeTable } from './write-table.ts';

/**
 * Chooses code lengths for the smallest sum of table and stream.
 *
 * The optimal code has the shortest stream, the balanced one the shortest table; for a few hundred symbols out of a large
 * alphabet the latter wins.
 *
 * @param histogram - how often each symbol occurs
 * @throws RangeError as {@link codeLengths} does
 * @example
 * chooseLengths([1, 0, 1, 2]) // Uint8Array [2, 2, 2, 2]
 * @example
 * chooseLengths([100, 0, 100, 200]) // Uint8Array [2, 0, 2, 1]
 */
export function chooseLengths(histogram: ArrayLike<number>, options: CodeLengthOptions = {}): Uint8Array {
  const optimal = codeLengths(histogram, options);
  const first = optimal.findIndex((length) => length > 0);
  if (first < 0) return optimal;
  const balanced = new Uint8Array(optimal.length);
  balanced.set(balancedLengths(first, optimal.findLastIndex((length) => length > 0) + 1 - first));
  if (balanced.some((length) => length > (options.maxLength ?? 15))) return optimal;
  return totalBits(histogram, balanced) < totalBits(histogram, optimal) ? balanced : optimal;
}

function totalBits(histogram: ArrayLike<number>, lengths: Uint8Array): number {
  const table = new BitWriter();
  writeTable(table, lengths);
  return lengths.reduce((bits, length, symbol) => bits + length * histogram[symbol]!, table.bitLength);
}
