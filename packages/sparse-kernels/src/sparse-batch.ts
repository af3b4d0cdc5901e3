import { type Csr, csrTimesVector } from './csr.ts';
import type { Bounds, Prepared } from './dense/shapes.ts';
import { expectCount, expectLength } from './expect.ts';
import type { Kernels } from './kernels.ts';
import { moreExports } from './more-exports.ts';

/**
 * Puts the nonzeros of a matrix into the memory of kernels, ready to be multiplied by batches: y = clip(W x + bias) for each sample.
 *
 * Samples come in panels of up to 24, and inputs in blocks that stay in the first cache: of a block, all nonzeros are multiplied
 * before the next block is taken. Turning samples into lines of inputs, and back, is part of a run.
 *
 * Differs from its plain twin `csrTimesBatch` in the order of sums, which are of float32 throughout.
 *
 * @param batch - samples
 * @param bias - [rows]. Default: none
 * @returns takes `[batch, columns]` and gives `[batch, rows]`
 * @throws RangeError if `batch` is not a whole number ≥ 1, the bias has another length, or the memory does not suffice
 * @example
 * const own = createKernels();
 * const matrix = toCsr({ kind: 'dense', values: Float32Array.of(1, 2, 0, -3) }, 2, 2);
 * const layer = sparseBatch(own, matrix, 2);
 * const [x, y] = [own.place(Float32Array.of(1, 10, 0, 1)), own.allocate(16)];
 * layer.run(x, y, own.allocate(layer.scratchBytes));
 * [...own.float32(y, 4)] // [21, -30, 2, -3]
 */
export function sparseBatch(
  kernels: Kernels,
  matrix: Csr,
  batch: number,
  bias?: Float32Array,
  { least = -Infinity, most = Infinity }: Bounds = {},
): Prepared {
  const { rows, columns } = matrix;
  expectCount('sparseBatch', 'batch', batch);
  expectLength('sparseBatch', 'bias', bias, rows);
  const { exports } = kernels;
  const { transposeNumbers } = moreExports(kernels);
  const width = Math.min(PANEL, Math.ceil(batch / 4) * 4);
  const blockColumns = Math.max(1, Math.floor(BLOCK_BYTES / (4 * width)));
  const blocks = Math.max(1, Math.ceil(columns / blockColumns));
  const { entries, ends, firsts } = blocked(matrix, blocks, blockColumns, 4 * width);
  const [entriesAt, endsAt] = [kernels.place(entries), kernels.place(ends)];
  const biasAt = bias ? kernels.place(bias) : 0;
  const weightBytes = entries.byteLength + ends.byteLength + (bias?.byteLength ?? 0);
  const inputBytes = 4 * width * Math.min(blockColumns, columns) + 16;
  return {
    weightBytes,
    readBytes: weightBytes * Math.ceil(batch / width),
    scratchBytes: inputBytes + 4 * width * rows,
    run(x, y, scratch) {
      const sums = scratch + inputBytes;
      for (let sample = 0; sample < batch; sample += width) {
        const some = Math.min(width, batch - sample);
        const count = Math.ceil(some / 4) * 4;
        for (let block = 0; block < blocks; block++) {
          const column = block * blockColumns;
          const inputs = Math.min(blockColumns, columns - column);
          const isLast = block === blocks - 1;
          if (count > some) exports.zeroNumbers(scratch, width * inputs);
          transposeNumbers(x + 4 * (sample * columns + column), 4 * columns, some, inputs, scratch, 4 * width);
          exports.sparseRows(
            rows,
            endsAt + 4 * block * rows,
            entriesAt + 8 * firsts[block]!,
            scratch,
            count,
            1,
            biasAt,
            isLast ? least : -Infinity,
            isLast ? most : Infinity,
            block ? 1 : 0,
            sums,
            4 * width,
          );
        }
        transposeNumbers(sums, 4 * width, rows, some, y + 4 * sample * rows, 4 * rows);
      }
    },
  };
}

/** Samples in a panel: what the kernel keeps in registers. */
const PANEL = 24;

/** Bytes of a block of inputs: of a first-level cache of 32 kB, what leaves room for nonzeros and sums. */
const BLOCK_BYTES = 24 * 1024;

/** Entries (u32 offset in bytes, f32 value), block after block, each row after row; where rows of a block end, counted from its first. */
function blocked(
  { rows, rowEnds, indices, values }: Csr,
  blocks: number,
  blockColumns: number,
  pitch: number,
): { entries: Uint32Array; ends: Uint32Array; firsts: readonly number[] } {
  const ends = new Uint32Array(blocks * rows);
  for (let m = 0, k = 0; m < rows; m++) {
    for (const end = rowEnds[m]!; k < end; k++) ends[Math.floor(indices[k]! / blockColumns) * rows + m]!++;
  }
  const firsts: number[] = [];
  const next = new Uint32Array(ends.length); // where the next entry of a block's row goes
  for (let block = 0, first = 0; block < blocks; block++) {
    firsts.push(first);
    let end = 0;
    for (let i = block * rows; i < (block + 1) * rows; i++) {
      next[i] = first + end;
      end = ends[i]! += end;
    }
    first += end;
  }
  const entries = new Uint32Array(2 * values.length);
  const numbers = new Float32Array(entries.buffer);
  for (let m = 0, k = 0; m < rows; m++) {
    for (const end = rowEnds[m]!; k < end; k++) {
      const block = Math.floor(indices[k]! / blockColumns);
      const to = next[block * rows + m]!++;
      entries[2 * to] = (indices[k]! - block * blockColumns) * pitch;
      numbers[2 * to + 1] = values[k]!;
    }
  }
  return { entries, ends, firsts };
}

/**
 * Multiplies by a batch of vectors, in JavaScript; see {@link sparseBatch}.
 *
 * @param x - `[batch, columns]`
 * @returns `[batch, rows]`
 * @throws RangeError if x is no whole number of samples, or the bias has another length
 * @example
 * const matrix = toCsr({ kind: 'dense', values: Float32Array.of(1, 2, 0, -3) }, 2, 2);
 * csrTimesBatch(matrix, Float32Array.of(1, 10, 0, 1)) // Float32Array [21, -30, 2, -3]
 */
export function csrTimesBatch(matrix: Csr, x: Float32Array, bias?: Float32Array, bounds: Bounds = {}): Float32Array {
  const { rows, columns } = matrix;
  const batch = columns === 0 ? 0 : x.length / columns;
  if (!Number.isInteger(batch)) {
    throw new RangeError(`csrTimesBatch: "x" expected samples of ${columns} numbers, got ${x.length}`);
  }
  const y = new Float32Array(batch * rows);
  for (let sample = 0; sample < batch; sample++) {
    const of = x.subarray(sample * columns, (sample + 1) * columns);
    csrTimesVector(matrix, of, bias, bounds, y.subarray(sample * rows, (sample + 1) * rows));
  }
  return y;
}
