/** A matrix in row-major order, in whichever precision its numbers come. */
export interface Rows {
  readonly values: Float32Array | Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** A · B, row by row of B: the inner loop runs along memory. */
export function product(a: Rows, b: Rows): Rows {
  const { rows, columns: inner } = a;
  const { columns } = b;
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = out.subarray(i * columns, (i + 1) * columns);
    for (let k = 0; k < inner; k++) addScaled(row, a.values[i * inner + k]!, b.values, k * columns);
  }
  return { values: out, rows, columns };
}

/** Aᵀ · B, without a transposed copy. */
export function transposedProduct(a: Rows, b: Rows): Rows {
  const { rows: inner, columns: rows } = a;
  const { columns } = b;
  const out = new Float64Array(rows * columns);
  for (let k = 0; k < inner; k++) {
    for (let i = 0; i < rows; i++) {
      addScaled(out.subarray(i * columns, (i + 1) * columns), a.values[k * rows + i]!, b.values, k * columns);
    }
  }
  return { values: out, rows, columns };
}

/** A · Aᵀ: the scalar products of the rows with each other. */
export function gram({ values, rows, columns }: Rows): Float64Array {
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += values[i * columns + k]! * values[j * columns + k]!;
      out[i * rows + j] = out[j * rows + i] = sum;
    }
  }
  return out;
}

/** A copy with rows and columns exchanged. */
export function transposed({ values, rows, columns }: Rows): Rows {
  const out = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j]!;
  return { values: out, rows: columns, columns: rows };
}

function addScaled(row: Float64Array, by: number, values: Rows['values'], at: number): void {
  if (by === 0) return;
  for (let j = 0; j < row.length; j++) row[j]! += by * values[at + j]!;
}
