import type { BucketedRows } from './bucketed-rows.ts';
import type { Csr } from './csr.ts';
import type { Bounds, Prepared } from './dense/shapes.ts';
import { expectLength } from './expect.ts';
import { type Kernels, WINDOW_BYTES } from './kernels.ts';

// Products with a vector whose rows know nothing of each other. They are apart from those by columns, so that who needs no others does not
// download these.

/** What is needed to put a matrix into memory. */
export interface Placing {
  readonly kernels: Kernels;
  readonly place: Kernels['place'];
  /** Address; 0 for none. */
  readonly bias: number;
  readonly least: number;
  readonly most: number;
}

export type Ready = Pick<Prepared, 'run' | 'scratchBytes'>;

/** Puts a matrix and its bias into memory, as `prepare` says, and counts what they take. */
export function placeVector<M extends { readonly rows: number }>(
  kernels: Kernels,
  matrix: M,
  prepare: (placing: Placing, matrix: M) => Ready,
  bias?: Float32Array,
  { least = -Infinity, most = Infinity }: Bounds = {},
): Prepared {
  expectLength('sparseVector', 'bias', bias, matrix.rows);
  let weightBytes = 0;
  const place: Placing['place'] = (array) => {
    weightBytes += array.byteLength;
    return kernels.place(array);
  };
  const prepared = prepare({ kernels, place, bias: bias ? place(bias) : 0, least, most }, matrix);
  return { ...prepared, weightBytes, readBytes: weightBytes };
}

/** Nonzeros with their columns. */
export function prepareCsr(placing: Placing, matrix: Csr): Ready {
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

/** Nonzeros in chunks of one value. */
export function prepareBucketedRows({ kernels, place, bias, least, most }: Placing, matrix: BucketedRows): Ready {
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
