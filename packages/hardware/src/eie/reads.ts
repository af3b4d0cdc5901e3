import type { EieColumns } from './columns.ts';

/** Reads of the memories of all elements, for one input. */
export interface EieReads {
  /** Lines of the sparse matrix, `lineBits` each. */
  readonly matrixLines: number;
  /** Pairs of pointers: one a column and element, from two banks in one cycle. */
  readonly pointerPairs: number;
}

/**
 * Counts the SRAM reads. An element walks its active columns and reads a line whenever the next entry lies in another one than
 * the entry before.
 *
 * @example
 * countReads(countColumns(24, 1, () => true, () => () => true, { peCount: 1 })).matrixLines // 3
 */
export function countReads({ machine, active, counts, starts }: EieColumns): EieReads {
  const { peCount, lineBits, codebookBits, indexBits } = machine;
  const perLine = Math.floor(lineBits / (codebookBits + indexBits));
  const lines = new Float64Array(peCount).fill(-1); // the line last read
  let matrixLines = 0;
  for (let at = 0; at < counts.length; at++) {
    if (counts[at] === 0) continue;
    const pe = at % peCount;
    const first = Math.floor(starts[at]! / perLine);
    const last = Math.floor((starts[at]! + counts[at]! - 1) / perLine);
    matrixLines += last - first + (first === lines[pe] ? 0 : 1);
    lines[pe] = last;
  }
  return { matrixLines, pointerPairs: active.length * peCount };
}
