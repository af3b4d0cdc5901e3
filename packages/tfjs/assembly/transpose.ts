// Between the layouts of tfjs, pixels of channels, and of the sparse kernels, planes of pixels.

/** y[c, r] = x[r, c]; the rows of y are `step` floats apart. Four by four, as far as that goes. */
export function transpose(x: usize, rows: i32, columns: i32, y: usize, step: i32): void {
  const wide = columns << 2;
  const far = step << 2;
  for (let c = 0; c < columns; c += 4) {
    const from = x + (c << 2);
    const to = y + c * far;
    if (c + 4 > columns) {
      for (let k = c; k < columns; k++) copyColumn(x + (k << 2), rows, wide, y + k * far);
      return;
    }
    let r = 0;
    for (; r + 4 <= rows; r += 4) {
      const at = from + r * wide;
      const a = v128.load(at), b = v128.load(at + wide), d = v128.load(at + 2 * wide), e = v128.load(at + 3 * wide);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), de = v128.shuffle<f32>(d, e, 0, 4, 1, 5);
      const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7), deHigh = v128.shuffle<f32>(d, e, 2, 6, 3, 7);
      const out = to + (r << 2);
      v128.store(out, v128.shuffle<f64>(ab, de, 0, 2));
      v128.store(out + far, v128.shuffle<f64>(ab, de, 1, 3));
      v128.store(out + 2 * far, v128.shuffle<f64>(abHigh, deHigh, 0, 2));
      v128.store(out + 3 * far, v128.shuffle<f64>(abHigh, deHigh, 1, 3));
    }
    for (let k = 0; k < 4 && r < rows; k++) {
      copyColumn(from + (k << 2) + r * wide, rows - r, wide, to + k * far + (r << 2));
    }
  }
}

function copyColumn(from: usize, rows: i32, wide: i32, to: usize): void {
  for (let r = 0; r < rows; r++) {
    store<f32>(to, load<f32>(from));
    from += wide;
    to += 4;
  }
}
