import { type BucketedColumns, DUMMIES } from './bucketed-columns.ts';
import type { BucketedRows } from './bucketed-rows.ts';
import type { Csr } from './csr.ts';
import type { Bounds, Prepared } from './dense/shapes.ts';
import { type Kernels, WINDOW_BYTES } from './kernels.ts';
import { moreExports } from './more-exports.ts';
import type { Relative } from './relative.ts';
import { type Placing, placeVector, prepareBucketedRows, prepareCsr, type Ready } from './vector-by-rows.ts';

/** What a matrix may be held as to be multiplied by a vector. */
export type VectorFormat = Csr | BucketedRows | BucketedColumns | Relative;

/**
 * Puts a sparse matrix into the memory of kernels, ready to be multiplied by vectors: y = clip(W x + bias).
 *
 * Differs from its plain twins (`csrTimesVector`, `bucketedRowsTimesVector` and so on) in the order of sums, which are of float32
 * throughout.
 *
 * @param bias - [rows]. Default: none
 * @returns takes `columns` numbers and gives `rows`
 * @throws RangeError if the bias has another length, or the memory does not suffice
 * @example
 * const own = createKernels();
 * const matrix = toCsr({ kind: 'dense', values: Float32Array.of(1, 2, 0, -3) }, 2, 2);
 * const layer = sparseVector(own, matrix, undefined, { least: 0 });
 * const [x, y, scratch] = [own.place(Float32Array.of(1, 10)), own.allocate(8), own.allocate(layer.scratchBytes)];
 * layer.run(x, y, scratch);
 * [...own.float32(y, 2)] // [21, 0]
 */
export function sparseVector(
  kernels: Kernels,
  matrix: VectorFormat,
  bias?: Float32Array,
  bounds: Bounds = {},
): Prepared {
  return placeVector(kernels, matrix, prepare, bias, bounds);
}

function prepare(placing: Placing, matrix: VectorFormat): Ready {
  if (!('kind' in matrix)) return prepareCsr(placing, matrix);
  if (matrix.kind === 'bucketed-rows') return prepareBucketedRows(placing, matrix);
  if (matrix.kind === 'bucketed-columns') return prepareBucketedColumns(placing, matrix);
  return matrix.lines === 'rows' ? prepareRelativeRows(placing, matrix) : prepareRelativeColumns(placing, matrix);
}

function prepareBucketedColumns(placing: Placing, matrix: BucketedColumns): Ready {
  const { kernels, place } = placing;
  const { rows, columns } = matrix;
  const { window } = kernels;
  const exports = moreExports(kernels);
  const [starts, codes] = [place(matrix.chunkStarts), place(matrix.codes)];
  const [offsets, codebook] = [place(matrix.offsets), place(matrix.codebook)];
  const bytes = matrix.offsets.byteLength;
  const fetch = columns === 0 ? 0 : Math.min(bytes, Math.ceil(bytes / columns));
  const fetchable = Math.max(0, bytes - fetch - 64);
  return withSums(placing, rows, columns, (list, listed, x, sums) => {
    if (window) exports.bucketedColumns(list, listed, starts, codes, offsets, codebook, 4 * AHEAD, fetch, fetchable, x);
    else
      exports.bucketedColumnsAt(list, listed, starts, codes, offsets, codebook, 4 * AHEAD, fetch, fetchable, x, sums);
  });
}

/** Columns: 6 of two hundred nonzeros take as long as memory takes to answer. */
const AHEAD = 6;

function prepareRelativeRows({ kernels, place, bias, least, most }: Placing, matrix: Relative): Ready {
  const { copyNumbers, zeroNumbers } = kernels.exports;
  const exports = moreExports(kernels);
  const { rows, columns, gapBits, codeBits } = matrix;
  const [ends, gaps, codes] = [place(matrix.ends), place(matrix.gaps), place(matrix.codes)];
  const codebook = place(gapBits === 4 ? byteWeights(matrix) : matrix.codebook);
  const kernel = codeBits === 4 ? exports.longGapRows4 : exports.longGapRows8;
  return {
    scratchBytes: 4 * (columns + SLACK),
    run(x, y, scratch) {
      copyNumbers(x, columns, scratch);
      zeroNumbers(scratch + 4 * columns, SLACK);
      if (gapBits === 4) exports.relativeRows(rows, ends, gaps, codebook, scratch, bias, least, most, y);
      else kernel(rows, ends, gaps, codes, codebook, scratch, bias, least, most, y);
    },
  };
}

function prepareRelativeColumns(placing: Placing, matrix: Relative): Ready {
  const { kernels, place } = placing;
  const exports = moreExports(kernels);
  const { rows, columns, gapBits, codeBits } = matrix;
  const starts = new Uint32Array(columns + 1);
  starts.set(matrix.ends, 1);
  const [ends, gaps, codes] = [place(starts), place(matrix.gaps), place(matrix.codes)];
  const codebook = place(gapBits === 4 ? byteWeights(matrix) : matrix.codebook);
  const kernel = codeBits === 4 ? exports.longGapColumns4 : exports.longGapColumns8;
  return withSums(placing, rows, columns, (list, listed, x, sums) => {
    if (gapBits === 4) exports.relativeColumns(list, listed, ends, gaps, codebook, x, sums);
    else kernel(list, listed, ends, gaps, codes, codebook, x, sums);
  });
}

/** What fills a line up to four entries leads up to three numbers behind the last. */
const SLACK = 4;

/** The weight of each byte of gap and code. */
const byteWeights = ({ codebook }: Relative): Float32Array =>
  Float32Array.from({ length: 256 }, (_, byte) => codebook[byte & 15]!);

/** Lists the inputs that are not zero, and adds their columns to sums, in the window where there is one. */
function withSums(
  { kernels, bias, least, most }: Placing,
  rows: number,
  columns: number,
  add: (list: number, listed: number, x: number, sums: number) => void,
): Ready {
  const { exports, window } = kernels;
  const { listNonzeros, clipNumbers } = moreExports(kernels);
  const listBytes = 4 * columns + 16;
  const sumBytes = 4 * (rows + DUMMIES);
  const inWindow = window && sumBytes <= WINDOW_BYTES;
  return {
    scratchBytes: listBytes + (inWindow ? 0 : sumBytes),
    run(x, y, scratch) {
      const sums = inWindow ? window : scratch + listBytes;
      const listed = listNonzeros(x, columns, scratch);
      if (bias) exports.copyNumbers(bias, rows, sums);
      else exports.zeroNumbers(sums, rows);
      exports.zeroNumbers(sums + 4 * rows, DUMMIES); // what is left there might be no number, which is slow to add to
      add(scratch, listed, x, sums);
      clipNumbers(sums, rows, least, most, y);
    },
  };
}
