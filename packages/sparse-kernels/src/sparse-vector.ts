import { type BucketedColumns, DUMMIES } from './bucketed-columns.ts';
import type { BucketedRows } from './bucketed-rows.ts';
import type { Csr } from './csr.ts';
import type { Bounds, Prepared } from './dense/shapes.ts';
import { expectLength } from './expect.ts';
import { type Kernels, WINDOW_BYTES } from './kernels.ts';
import type { Relative } from './relative.ts';

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
  { least = -Infinity, most = Infinity }: Bounds = {},
): Prepared {
  expectLength('sparseVector', 'bias', bias, matrix.rows);
  let weightBytes = 0;
  const place: Placing['place'] = (array) => {
    weightBytes += array.byteLength;
    return kernels.place(array);
  };
  const placing = { kernels, place, bias: bias ? place(bias) : 0, least, most };
  const prepared = prepare(placing, matrix);
  return { ...prepared, weightBytes, readBytes: weightBytes };
}

/** What all of the functions below need. */
interface Placing {
  readonly kernels: Kernels;
  readonly place: Kernels['place'];
  readonly bias: number;
  readonly least: number;
  readonly most: number;
}

type Ready = Pick<Prepared, 'run' | 'scratchBytes'>;

function prepare(placing: Placing, matrix: VectorFormat): Ready {
  if (!('kind' in matrix)) return prepareCsr(placing, matrix);
  if (matrix.kind === 'bucketed-rows') return prepareBucketedRows(placing, matrix);
  if (matrix.kind === 'bucketed-columns') return prepareBucketedColumns(placing, matrix);
  return matrix.lines === 'rows' ? prepareRelativeRows(placing, matrix) : prepareRelativeColumns(placing, matrix);
}

function prepareCsr(placing: Placing, matrix: Csr): Ready {
  const { kernels, place, bias, least, most } = placing;
  const { exports, window } = kernels;
  if (window) return prepareCsrWindow(placing, matrix);
  const { rows, rowEnds, indices, values } = matrix;
  const kernel = indices instanceof Uint16Array ? exports.csrVector16 : exports.csrVector32;
  const [ends, columns, numbers] = [place(rowEnds), place(indices), place(values)];
  return { scratchBytes: 0, run: (x, y) => kernel(rows, ends, columns, numbers, x, bias, least, most, y) };
}

/** Columns in blocks that fit in the window, each with all rows: sums go on from block to block. */
function prepareCsrWindow({ kernels, place, bias, least, most }: Placing, matrix: Csr): Ready {
  const { rows, columns } = matrix;
  const { exports, window } = kernels;
  const count = Math.max(1, Math.ceil(columns / WINDOW_COLUMNS));
  const width = Math.ceil(columns / count);
  const blocks = Array.from({ length: count }, (_, block) => {
    const { ends, offsets, numbers } = blockOf(matrix, block * width, (block + 1) * width);
    return { ends: place(ends), offsets: place(offsets), numbers: place(numbers) };
  });
  return {
    scratchBytes: 0,
    run(x, y) {
      blocks.forEach(({ ends, offsets, numbers }, block) => {
        const from = block * width;
        exports.copyNumbers(x + 4 * from, Math.min(width, columns - from), window);
        const [low, high] = block === count - 1 ? [least, most] : [-Infinity, Infinity];
        exports.csrWindow(rows, ends, offsets, numbers, block === 0 ? bias : y, low, high, y);
      });
    },
  };
}

/** What an offset of 16 bits in bytes reaches. */
const WINDOW_COLUMNS = WINDOW_BYTES / 4;

/** Columns first … end − 1 of a matrix, by where their inputs are in the window. */
function blockOf(
  { rows, rowEnds, indices, values }: Csr,
  first: number,
  end: number,
): { readonly ends: Uint32Array; readonly offsets: Uint16Array; readonly numbers: Float32Array } {
  let total = 0;
  for (let k = 0; k < indices.length; k++) total += Number(indices[k]! >= first && indices[k]! < end);
  const [ends, offsets, numbers] = [new Uint32Array(rows), new Uint16Array(total), new Float32Array(total)];
  for (let m = 0, k = 0, count = 0; m < rows; m++) {
    for (const rowEnd = rowEnds[m]!; k < rowEnd; k++) {
      const column = indices[k]!;
      if (column < first || column >= end) continue;
      offsets[count] = 4 * (column - first);
      numbers[count++] = values[k]!;
    }
    ends[m] = count;
  }
  return { ends, offsets, numbers };
}

function prepareBucketedRows({ kernels, place, bias, least, most }: Placing, matrix: BucketedRows): Ready {
  const { rows, columns, blockColumns, chunkEnds } = matrix;
  const { exports, window } = kernels;
  const [ends, codes] = [place(chunkEnds), place(matrix.codes)];
  const [offsets, codebook] = [place(matrix.offsets), place(matrix.codebook)];
  const blocks = rows === 0 ? 0 : chunkEnds.length / rows;
  return {
    scratchBytes: window ? 0 : 4 * (blockColumns + 1),
    run(x, y, scratch) {
      const inputs = window || scratch;
      for (let block = 0; block < blocks; block++) {
        const from = block * blockColumns;
        const count = Math.min(blockColumns, columns - from);
        exports.copyNumbers(x + 4 * from, count, inputs);
        exports.zeroNumbers(inputs + 4 * count, blockColumns + 1 - count);
        const first = block === 0 ? 0 : chunkEnds[block * rows - 1]!;
        const at = ends + 4 * block * rows;
        const add = block === 0 ? bias : y;
        const [low, high] = block === blocks - 1 ? [least, most] : [-Infinity, Infinity];
        if (window) exports.bucketedRows(rows, at, first, codes, offsets, codebook, add, low, high, y);
        else exports.bucketedRowsAt(rows, at, first, codes, offsets, codebook, inputs, add, low, high, y);
      }
    },
  };
}

function prepareBucketedColumns(placing: Placing, matrix: BucketedColumns): Ready {
  const { kernels, place } = placing;
  const { rows, columns } = matrix;
  const { exports, window } = kernels;
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

function prepareRelativeRows({ kernels: { exports }, place, bias, least, most }: Placing, matrix: Relative): Ready {
  const { rows, columns, gapBits, codeBits } = matrix;
  const [ends, gaps, codes] = [place(matrix.ends), place(matrix.gaps), place(matrix.codes)];
  const codebook = place(gapBits === 4 ? byteWeights(matrix) : matrix.codebook);
  const kernel = codeBits === 4 ? exports.longGapRows4 : exports.longGapRows8;
  return {
    scratchBytes: 4 * (columns + SLACK),
    run(x, y, scratch) {
      exports.copyNumbers(x, columns, scratch);
      exports.zeroNumbers(scratch + 4 * columns, SLACK);
      if (gapBits === 4) exports.relativeRows(rows, ends, gaps, codebook, scratch, bias, least, most, y);
      else kernel(rows, ends, gaps, codes, codebook, scratch, bias, least, most, y);
    },
  };
}

function prepareRelativeColumns(placing: Placing, matrix: Relative): Ready {
  const { kernels, place } = placing;
  const { exports } = kernels;
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
  { kernels: { exports, window }, bias, least, most }: Placing,
  rows: number,
  columns: number,
  add: (list: number, listed: number, x: number, sums: number) => void,
): Ready {
  const listBytes = 4 * columns + 16;
  const sumBytes = 4 * (rows + DUMMIES);
  const inWindow = window && sumBytes <= WINDOW_BYTES;
  return {
    scratchBytes: listBytes + (inWindow ? 0 : sumBytes),
    run(x, y, scratch) {
      const sums = inWindow ? window : scratch + listBytes;
      const listed = exports.listNonzeros(x, columns, scratch);
      if (bias) exports.copyNumbers(bias, rows, sums);
      else exports.zeroNumbers(sums, rows);
      exports.zeroNumbers(sums + 4 * rows, DUMMIES); // what is left there might be no number, which is slow to add to
      add(scratch, listed, x, sums);
      exports.clipNumbers(sums, rows, least, most, y);
    },
  };
}
