// What comes before and after a dense layer's product: every row of y starts as the bias, and ReLU ends it.

/** y[i, ·] = row, for y [rows, columns]. */
export function fillRows(y: usize, row: usize, rows: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++) {
    memory.copy(y, row, bytes);
    y += bytes;
  }
}

/** y ← max(y, 0), a NaN stays one. */
export function reluInPlace(y: usize, count: i32): void {
  const zero = f32x4.splat(0);
  let i = count;
  for (; i >= 4; i -= 4) {
    v128.store(y, f32x4.max(v128.load(y), zero));
    y += 16;
  }
  for (; i > 0; i--) {
    store<f32>(y, max<f32>(load<f32>(y), 0));
    y += 4;
  }
}
