// What is done to one number at a time, and normalisation across channels. Plain twins: src/dense/plain.ts.

/** y = clip(a + b). y may be a or b. */
export function denseAdd(a: usize, b: usize, y: usize, count: i32, least: f32, most: f32): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  const end = y + (count << 2);
  for (; y + 16 <= end; y += 16, a += 16, b += 16) {
    v128.store(y, f32x4.pmin(f32x4.pmax(f32x4.add(v128.load(a), v128.load(b)), low), high));
  }
  for (; y < end; y += 4, a += 4, b += 4) store<f32>(y, min(max(load<f32>(a) + load<f32>(b), least), most));
}

/** y[c, p] = clip(x[c, p] · scale[c] + shift[c]). y may be x. */
export function denseScale(
  x: usize, y: usize, channels: i32, plane: i32, scale: usize, shift: usize, least: f32, most: f32,
): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  for (let c = 0; c < channels; c++) {
    const factor = v128.load32_splat(scale + (c << 2)), term = v128.load32_splat(shift + (c << 2));
    const end = y + (plane << 2);
    for (; y + 16 <= end; y += 16, x += 16) {
      v128.store(y, f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(v128.load(x), factor), term), low), high));
    }
    for (; y < end; y += 4, x += 4) {
      const value = load<f32>(x) * f32x4.extract_lane(factor, 0) + f32x4.extract_lane(term, 0);
      store<f32>(y, min(max(value, least), most));
    }
  }
}

/**
 * y[c, p] = x[c, p] / (k + alpha/size · Σ x[c', p]²)^¾ over the `size` channels c' around c.
 *
 * s^¾ = √s · √√s.
 */
export function denseLrn(x: usize, y: usize, channels: i32, plane: i32, size: i32, scale: f32, k: f32): void {
  const half = size >> 1;
  const planeBytes = plane << 2;
  for (let c = 0; c < channels; c++) {
    const first = max(c - half, 0), last = min(c + half, channels - 1);
    let p = 0;
    for (; p + 4 <= plane; p += 4) {
      let sum = f32x4.splat(0);
      for (let i = first; i <= last; i++) {
        const value = v128.load(x + i * planeBytes + (p << 2));
        sum = f32x4.add(sum, f32x4.mul(value, value));
      }
      const root = f32x4.sqrt(f32x4.add(f32x4.splat(k), f32x4.mul(f32x4.splat(scale), sum)));
      const at = c * planeBytes + (p << 2);
      v128.store(y + at, f32x4.div(v128.load(x + at), f32x4.mul(root, f32x4.sqrt(root))));
    }
    for (; p < plane; p++) {
      let sum: f32 = 0;
      for (let i = first; i <= last; i++) {
        const value = load<f32>(x + i * planeBytes + (p << 2));
        sum += value * value;
      }
      const root = sqrt<f32>(k + scale * sum);
      const at = c * planeBytes + (p << 2);
      store<f32>(y + at, load<f32>(x + at) / (root * sqrt<f32>(root)));
    }
  }
}
