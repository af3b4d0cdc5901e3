// Convolution in which each filter sees one channel. Planes are laid out as for dense-conv.ts.
// Plain twin: src/dense/plain.ts.

/**
 * y[k, p] = clip(bias[k] + Σ_t  w[k, t] · x[plane(k) + taps[t] + start(p)]), plane(k) = ⌊k / multiplier⌋.
 *
 * @param x - planes of `planeStep` bytes, readable 28 bytes beyond their end
 * @param taps - i32 [depth]: bytes from an output pixel's start to each input of the window
 * @param w - f32 [filters, depth]
 * @param y - f32 [filters, rows, columns]
 */
export function denseDepthwise(
  x: usize, planeStep: usize, rows: i32, columns: i32, rowStep: i32,
  taps: usize, depth: i32,
  w: usize, bias: usize, filters: i32, multiplier: i32,
  y: usize, least: f32, most: f32,
): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  for (let k = 0; k < filters; k++) {
    const start = v128.load32_splat(bias + (k << 2));
    const plane = x + planeStep * (k / multiplier);
    for (let row = 0; row < rows; row++) {
      const from = plane + row * rowStep;
      let column = 0;
      for (; column + 8 <= columns; column += 8) {
        let a = start, b = start;
        const here = from + (column << 2);
        for (let t = 0; t < depth; t++) {
          const weight = v128.load32_splat(w + (t << 2));
          const at = here + load<i32>(taps + (t << 2));
          a = f32x4.add(a, f32x4.mul(weight, v128.load(at)));
          b = f32x4.add(b, f32x4.mul(weight, v128.load(at, 16)));
        }
        v128.store(y + (column << 2), f32x4.pmin(f32x4.pmax(a, low), high));
        v128.store(y + (column << 2), f32x4.pmin(f32x4.pmax(b, low), high), 16);
      }
      for (; column < columns; column += 4) {
        let a = start;
        const here = from + (column << 2);
        for (let t = 0; t < depth; t++) {
          a = f32x4.add(a, f32x4.mul(v128.load32_splat(w + (t << 2)), v128.load(here + load<i32>(taps + (t << 2)))));
        }
        a = f32x4.pmin(f32x4.pmax(a, low), high);
        const to = y + (column << 2);
        if (column + 4 <= columns) v128.store(to, a);
        else {
          store<f32>(to, f32x4.extract_lane(a, 0));
          if (column + 1 < columns) store<f32>(to, f32x4.extract_lane(a, 1), 4);
          if (column + 2 < columns) store<f32>(to, f32x4.extract_lane(a, 2), 8);
        }
      }
      y += columns << 2;
    }
    w += depth << 2;
  }
}
