import * as tf from '@tensorflow/tfjs-core';
import { type TensorMemory, tensorMemoryOf } from '../wasm-gradients/tensor-memory.ts';

/** A growing sum of products of rows, `[width, width]`: Σ left_m rightᵀ_m. */
export interface ProductSum {
  /**
   * Adds rows.
   *
   * @param left - `[count, width]`
   * @param right - `[count, width]`; the same array for second moments, of which only half is computed then
   */
  add(left: Float32Array, right: Float32Array, count: number): void;
  /** The sum times a factor; ends it. */
  take(factor: number): Float32Array;
  /** Frees what it holds; again changes nothing. */
  dispose(): void;
}

/**
 * Starts a sum of products, in the memory of tfjs's wasm backend if that is in reach.
 *
 * Differs from `plainProductSum` in that products are made by blocks; both store in float32.
 */
export function productSum(width: number): ProductSum {
  const memory = tensorMemoryOf(tf.backend());
  return memory ? wasmProductSum(width, memory) : plainProductSum(width);
}

/** The plain twin. */
export function plainProductSum(width: number): ProductSum {
  const sum = new Float32Array(width * width);
  let symmetric = true;
  return {
    add(left, right, count) {
      symmetric &&= left === right;
      for (let m = 0; m < count * width; m += width) {
        for (let i = 0; i < width; i++) {
          const factor = left[m + i]!;
          if (factor === 0) continue;
          for (let j = left === right ? i : 0; j < width; j++) sum[i * width + j]! += factor * right[m + j]!;
        }
      }
    },
    take: (factor) => finished(sum, width, factor, symmetric),
    dispose() {},
  };
}

// Rows of the sum made at once. The product of a strip starts at its own diagonal: what lies below in it is computed in vain, a
// 128th of the width at most; and arranging the other operand anew for each strip is an 128th of the work.
const STRIP = 128;

function wasmProductSum(width: number, memory: TensorMemory): ProductSum {
  const { functions, addressOf, withScratch } = memory;
  const sum = tf.keep(tf.zeros([width, width]));
  let symmetric = true;
  return {
    add(left, right, count) {
      const same = left === right;
      symmetric &&= same;
      const tensors = (same ? [left] : [left, right]).map((rows) => tf.tensor(rows, [count, width]));
      const [a, b] = [addressOf(tensors[0]!), addressOf(tensors.at(-1)!)];
      withScratch([functions.gemmScratchBytes(), width * 4, count * 4], (scratch, columns, rows) => {
        functions.fillGrid(columns!, 1, 1, width, 0, 0, 1);
        functions.fillGrid(rows!, 1, 1, count, 0, 0, width);
        for (let i = 0; i < width; i += STRIP) {
          const first = same ? i : 0;
          functions.gemm(
            ...([Math.min(STRIP, width - i), width - first, count] as const),
            ...([a + i * 4, columns!, rows!] as const), // transposed: row i of it is column i of the rows
            ...([b + first * 4, rows!, columns!] as const),
            ...([addressOf(sum) + (i * width + first) * 4, width, 1] as const),
            scratch!,
          );
        }
      });
      tf.dispose(tensors);
    },
    take(factor) {
      const values = sum.dataSync<'float32'>();
      sum.dispose();
      return finished(values, width, factor, symmetric);
    },
    dispose() {
      if (!sum.isDisposed) sum.dispose();
    },
  };
}

// Side of a square that is mirrored at once: 64 · 64 · 4 B = 16 kB of either half stay in a first-level cache.
const SQUARE = 64;

/** Scales in place, and writes the upper half into the lower one where only that was computed. */
function finished(sum: Float32Array, width: number, factor: number, symmetric: boolean): Float32Array {
  for (let i = 0; i < sum.length; i++) sum[i]! *= factor;
  if (!symmetric) return sum;
  for (let i0 = 0; i0 < width; i0 += SQUARE) {
    for (let j0 = 0; j0 <= i0; j0 += SQUARE) {
      for (let i = i0; i < Math.min(width, i0 + SQUARE); i++) {
        for (let j = j0; j < Math.min(i, j0 + SQUARE); j++) sum[i * width + j] = sum[j * width + i]!;
      }
    }
  }
  return sum;
}
