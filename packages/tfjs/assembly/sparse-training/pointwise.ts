/** to[i] = Σ_j from[i·length + j], for `count` rows. float32 within 4 lanes of 1,024 values, float64 beyond. */
export function rowSums(to: usize, from: usize, count: i32, length: i32): void {
  for (let i = 0; i < count; i++) {
    let sum: f64 = 0;
    let left = length;
    while (left >= 16) {
      const zero = f32x4.splat(0);
      let a = zero, b = zero, c = zero, d = zero;
      const part = min(left, 1024) & ~15;
      left -= part;
      for (const end = from + (part << 2); from < end; from += 64) {
        a = f32x4.add(a, v128.load(from, 0));
        b = f32x4.add(b, v128.load(from, 16));
        c = f32x4.add(c, v128.load(from, 32));
        d = f32x4.add(d, v128.load(from, 48));
      }
      const all = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
      const halves = f32x4.add(all, v128.shuffle<f32>(all, all, 2, 3, 0, 1));
      sum += <f64>(f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1));
    }
    for (; left > 0; left--, from += 4) sum += <f64>load<f32>(from);
    store<f32>(to + (i << 2), <f32>sum);
  }
}

/** y[k, …] = x[k, …] + bias[k], for rows of `length`. */
export function addBias(y: usize, x: usize, bias: usize, count: i32, length: i32): void {
  for (let k = 0; k < count; k++) {
    const value = load<f32>(bias + (k << 2));
    const b = f32x4.splat(value);
    let left = length;
    for (; left >= 4; left -= 4) {
      v128.store(y, f32x4.add(v128.load(x), b));
      y += 16; x += 16;
    }
    for (; left > 0; left--) {
      store<f32>(y, load<f32>(x) + value);
      y += 4; x += 4;
    }
  }
}

/** y = 0 where x < 0, else x: NaN stays NaN, as with tfjs. */
export function relu(y: usize, x: usize, length: i32): void {
  const zero = f32x4.splat(0);
  for (; length >= 4; length -= 4) {
    v128.store(y, f32x4.pmax(v128.load(x), zero)); // x < 0 ? 0 : x
    y += 16; x += 16;
  }
  for (; length > 0; length--) {
    const value = load<f32>(x);
    store<f32>(y, value < 0 ? 0 : value);
    y += 4; x += 4;
  }
}

/** dx = dy where y > 0, else 0. */
export function reluGradient(dx: usize, dy: usize, y: usize, length: i32): void {
  const zero = f32x4.splat(0);
  for (; length >= 4; length -= 4) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
    dx += 16; dy += 16; y += 16;
  }
  for (; length > 0; length--) {
    store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
    dx += 4; dy += 4; y += 4;
  }
}
