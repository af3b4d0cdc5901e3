// Batches of samples into lines of inputs, and back. Plain twin: two loops of JavaScript.

/** to[c][r] = from[r][c]. Strides are bytes from row to row. */
export function transposeNumbers(from: usize, fromStride: usize, rows: i32, columns: i32, to: usize, toStride: usize): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let a = from + <usize>r * fromStride;
    let target = to + (<usize>r << 2);
    let c = 0;
    for (; c + 4 <= columns; c += 4, a += 16) {
      const b = a + fromStride;
      const a0 = v128.load(a);
      const a1 = v128.load(b);
      const a2 = v128.load(b + fromStride);
      const a3 = v128.load(b + 2 * fromStride);
      const b0 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5);
      const b1 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
      const b2 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5);
      const b3 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<f32>(b0, b2, 0, 1, 4, 5));
      target += toStride;
      v128.store(target, v128.shuffle<f32>(b0, b2, 2, 3, 6, 7));
      target += toStride;
      v128.store(target, v128.shuffle<f32>(b1, b3, 0, 1, 4, 5));
      target += toStride;
      v128.store(target, v128.shuffle<f32>(b1, b3, 2, 3, 6, 7));
      target += toStride;
    }
    for (; c < columns; c++, a += 4, target += toStride) {
      for (let i: usize = 0; i < 4; i++) store<f32>(target + (i << 2), load<f32>(a + i * fromStride));
    }
  }
  for (; r < rows; r++) {
    const a = from + <usize>r * fromStride;
    const target = to + (<usize>r << 2);
    for (let c = 0; c < columns; c++) store<f32>(target + <usize>c * toStride, load<f32>(a + (<usize>c << 2)));
  }
}
