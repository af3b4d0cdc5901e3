import type { EieColumns } from './columns.ts';

/** Reads of the memories of all elements, for one input. */
export interface EieReads {
  /** Lines of the sparse matrix, `lineBits` each; not whole where only a mean is known. */
  readonly matrixLines: number;
  /** Pairs of pointers: one a column and element, from two banks in one cycle. */
  readonly pointerPairs: number;
}

/**
 * Counts the SRAM reads. An element walks its active columns and reads a line whenever the next entry lies in another one than
 * the entry before. Where it is not known where entries lie, a run of n entries takes (n + L − 1)/L lines of L, the mean over
 * where in a line it may begin.
 *
 * @example
 * countReads(countColumns(24, 1, () => true, () => () => true, { peCount: 1 }, true)).matrixLines // 3
 */
export function countReads({ machine, active, counts, starts }: EieColumns): EieReads {
  const { peCount, lineBits, codebookBits, indexBits } = machine;
  const perLine = Math.floor(lineBits / (codebookBits + indexBits));
  const lines = new Float64Array(peCount).fill(-1); // the line last read
  let matrixLines = 0;
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at]!;
    if (count === 0) continue;
    if (!starts) {
      matrixLines += (count + perLine - 1) / perLine;
      continue;
    }
    const pe = at % peCount;
    const first = Math.floor(starts[at]! / perLine);
    const last = Math.floor((starts[at]! + count - 1) / perLine);
    matrixLines += last - first + (first === lines[pe] ? 0 : 1);
    lines[pe] = last;
  }
  return { matrixLines, pointerPairs: active.length * peCount };
}
