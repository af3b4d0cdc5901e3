import { clip } from './clip.ts';
import { type CodedCsr, transposed, withCodes } from './csr.ts';
import type { Bounds } from './dense/shapes.ts';
import { expectOperands } from './expect.ts';

/**
 * The nonzeros of each column grouped by the value they share, in chunks of four rows with one code: for inputs of which many are
 * zero, as a column whose input is zero is not read at all.
 */
export interface BucketedColumns {
  readonly kind: 'bucketed-columns';
  readonly rows: number;
  readonly columns: number;
  readonly nonzeros: number;
  /** [columns + 1]: where the chunks of each column start, and where the last ends */
  readonly chunkStarts: Uint32Array;
  /** [chunks] */
  readonly codes: Uint8Array;
  /** [4 · chunks]: rows times 4; what fills up are rows from `rows` to `rows` + {@link DUMMIES} − 1, in turn */
  readonly offsets: Uint16Array;
  readonly codebook: Float32Array;
}

const CHUNK = 4;

/** Rows behind the last that take what fills chunks up: so many that none is written again while its last sum is on its way. */
export const DUMMIES = 32;

/** What an offset of 16 bits in bytes reaches. */
export const MOST_ROWS: number = 16384 - DUMMIES;

/**
 * Groups the nonzeros of each column by their codes.
 *
 * @throws RangeError if there are more than 16,352 rows
 * @example
 * const csr = withCodes(toCsr({ kind: 'dense', values: Float32Array.of(5, 7, 5) }, 3, 1));
 * const { codes, offsets } = toBucketedColumns(csr);
 * [[...codes], [...offsets]] // [[1, 2], [0, 8, 12, 16, 4, 20, 24, 28]]
 */
export function toBucketedColumns(csr: CodedCsr): BucketedColumns {
  const { rows, columns, indices: all } = csr;
  if (rows > MOST_ROWS) {
    throw new RangeError(`toBucketedColumns: "csr" expected at most ${MOST_ROWS} rows, got ${rows}`);
  }
  const { rowEnds: columnEnds, indices, codes: codeOf, codebook } = withCodes(transposed(csr))!;
  const counts = new Uint32Array(codebook.length);
  const chunkStarts = new Uint32Array(columns + 1);
  let chunks = 0;
  for (let n = 0, k = 0; n < columns; n++) {
    counts.fill(0);
    for (const end = columnEnds[n]!; k < end; k++) counts[codeOf[k]!]!++;
    for (let code = 1; code < counts.length; code++) chunks += Math.ceil(counts[code]! / CHUNK);
    chunkStarts[n + 1] = chunks;
  }
  const codes = new Uint8Array(chunks);
  const offsets = new Uint16Array(chunks * CHUNK);
  for (let n = 0, k = 0, chunk = 0, dummy = 0; n < columns; n++) {
    const first = k;
    counts.fill(0);
    for (let i = k; i < columnEnds[n]!; i++) counts[codeOf[i]!]!++;
    for (let code = 1; code < counts.length; code++) {
      const start = chunk * CHUNK;
      const filled = start + counts[code]!;
      for (const end = chunk + Math.ceil(counts[code]! / CHUNK); chunk < end; chunk++) codes[chunk] = code;
      for (let i = filled; i < chunk * CHUNK; i++) offsets[i] = (rows + (dummy++ % DUMMIES)) * 4;
      counts[code] = start;
    }
    for (k = first; k < columnEnds[n]!; k++) offsets[counts[codeOf[k]!]!++] = indices[k]! * 4;
  }
  return {
    kind: 'bucketed-columns',
    rows,
    columns,
    nonzeros: all.length,
    chunkStarts,
    codes,
    offsets,
    codebook,
  };
}

/**
 * Multiplies by a vector, in JavaScript: y = clip(W x + bias); see {@link csrTimesVector}.
 *
 * @throws RangeError if an array has another length
 * @example
 * const csr = withCodes(toCsr({ kind: 'dense', values: Float32Array.of(5, 7, 5) }, 3, 1));
 * [...bucketedColumnsTimesVector(toBucketedColumns(csr), Float32Array.of(2))] // [10, 14, 10]
 */
export function bucketedColumnsTimesVector(
  matrix: BucketedColumns,
  x: Float32Array,
  bias?: Float32Array,
  bounds: Bounds = {},
  y: Float32Array = new Float32Array(matrix.rows),
): Float32Array {
  const { rows, columns, chunkStarts, codes, offsets, codebook } = matrix;
  expectOperands('bucketedColumnsTimesVector', matrix, x, bias, y);
  for (let m = 0; m < rows; m++) y[m] = bias?.[m] ?? 0;
  for (let n = 0; n < columns; n++) {
    if (x[n] === 0) continue;
    for (let chunk = chunkStarts[n]!; chunk < chunkStarts[n + 1]!; chunk++) {
      const t = codebook[codes[chunk]!]! * x[n]!;
      for (let i = chunk * CHUNK; i < (chunk + 1) * CHUNK; i++) {
        const m = offsets[i]! >> 2;
        if (m < rows) y[m]! += t;
      }
    }
  }
  for (let m = 0; m < rows; m++) y[m] = clip(y[m]!, bounds);
  return y;
}
