/** A matrix in row-major order. All of one type, so that the loops below are compiled once. */
export interface Rows {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** Rows of B that are used for all rows of A before the next: 32 of some hundred columns stay in the second cache. */
const BLOCK = 32;

/** A · B, four rows of B at a time: each number of the result is then read and written a quarter as often. */
export function product(a: Rows, b: Rows): Rows {
  const { values: left, rows, columns: inner } = a;
  const { values: right, columns } = b;
  const out = new Float64Array(rows * columns);
  for (let from = 0; from < inner; from += BLOCK) {
    const to = Math.min(inner, from + BLOCK);
    for (let i = 0; i < rows; i++) {
      const at = i * columns;
      let k = from;
      for (; k + 4 <= to; k += 4) {
        const w = i * inner + k;
        const w0 = left[w]!;
        const w1 = left[w + 1]!;
        const w2 = left[w + 2]!;
        const w3 = left[w + 3]!;
        const r0 = k * columns;
        const r1 = r0 + columns;
        const r2 = r1 + columns;
        const r3 = r2 + columns;
        for (let j = 0; j < columns; j++) {
          out[at + j]! += w0 * right[r0 + j]! + w1 * right[r1 + j]! + w2 * right[r2 + j]! + w3 * right[r3 + j]!;
        }
      }
      for (; k < to; k++) {
        const weight = left[i * inner + k]!;
        for (let j = 0; j < columns; j++) out[at + j]! += weight * right[k * columns + j]!;
      }
    }
  }
  return { values: out, rows, columns };
}

/** A · Aᵀ: the scalar products of the rows with each other. */
export const gram = (a: Rows): Float64Array => product(a, transposed(a)).values;

/** A copy with rows and columns exchanged. */
export function transposed({ values, rows, columns }: Rows): Rows {
  const out = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j]!;
  return { values: out, rows: columns, columns: rows };
}
