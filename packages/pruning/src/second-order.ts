import { checkFinite } from './_arguments.ts';

/**
 * Measures what removing each weight would cost, as a magnitude that can be compared across layers.
 *
 * s_i = |w_i| · √h_i, so that ½·s_i² is the rise of the loss, to second order, if w_i alone becomes zero and the
 * curvature is h on the diagonal.
 *
 * @param curvature - h_i ≥ 0, for example the Fisher information; same length as `values`
 * @throws RangeError if lengths differ, a number is not finite, or a curvature is negative
 * @example
 * damageSaliency(Float32Array.of(2, -1, 3), Float32Array.of(1, 9, 0)) // Float32Array [2, 3, 0]
 * @see LeCun, Denker, Solla 1990: Optimal brain damage, equation 5
 */
export function damageSaliency(
  values: Float32Array,
  curvature: Float32Array,
  out: Float32Array = new Float32Array(values.length),
): Float32Array {
  if (curvature.length !== values.length) {
    throw new RangeError(`damageSaliency: "curvature" expected ${values.length} numbers, got ${curvature.length}`);
  }
  checkFinite('damageSaliency', values);
  for (let i = 0; i < values.length; i++) {
    const h = curvature[i]!;
    if (!(h >= 0 && h < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`damageSaliency: "curvature" expected numbers ≥ 0, got ${h} at index ${i}`);
    }
    out[i] = Math.abs(values[i]!) * Math.sqrt(h);
  }
  return out;
}

/**
 * Estimates what keeping each connection costs in a file: the bits of its position, where neighbours in its row and column
 * that are kept make it less of a surprise, and those of its value.
 *
 * bits_ij = −log₂ min(½, r_i · c_j / d) + valueBits, with r_i, c_j and d the kept shares of row, column and whole, rows and
 * columns counted as if they had one more number of average density.
 *
 * @param mask - 1 = kept, `[rows, columns]`: as the connections would be chosen without regard to bits
 * @param valueBits - bits of a value, ≥ 0
 * @returns bits, > 0
 * @throws RangeError if the mask has another length than rows · columns
 * @example
 * codingBits(Uint8Array.of(1, 1, 0, 0), 2, 2, 3)[0]! < codingBits(Uint8Array.of(1, 1, 0, 0), 2, 2, 3)[2]! // true
 */
export function codingBits(mask: Uint8Array, rows: number, columns: number, valueBits: number): Float32Array {
  if (mask.length !== rows * columns) {
    throw new RangeError(`codingBits: "mask" expected ${rows} × ${columns} numbers, got ${mask.length}`);
  }
  const inRow = new Float64Array(rows);
  const inColumn = new Float64Array(columns);
  let kept = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 1) continue;
    inRow[Math.floor(i / columns)]!++;
    inColumn[i % columns]!++;
    kept++;
  }
  const density = Math.max(kept, 1) / mask.length;
  const out = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    const row = (inRow[Math.floor(i / columns)]! + density) / (columns + 1);
    const column = (inColumn[i % columns]! + density) / (rows + 1);
    out[i] = -Math.log2(Math.min(0.5, (row * column) / density)) + valueBits;
  }
  return out;
}
