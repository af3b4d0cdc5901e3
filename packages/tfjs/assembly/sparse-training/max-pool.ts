/**
 * y = the maximum of each window, at = its place in the window (row-major, u8, the first of equals).
 * x [C, H, W, N], y [C, OH, OW, N].
 */
export function maxPool(
  y: usize, at: usize, x: usize, channels: i32, height: i32, width: i32,
  outHeight: i32, outWidth: i32, size: i32, stride: i32, batch: i32,
): void {
  const line = width * batch * 4;
  for (let c = 0; c < channels; c++) {
    for (let oy = 0; oy < outHeight; oy++) {
      poolRow(y, at, x + (c * height + oy * stride) * line, line, outWidth, size, stride, batch);
      y += outWidth * batch * 4; at += outWidth * batch;
    }
  }
}

/** One row of windows. line: bytes from a row of x to the next. */
export function poolRow(y: usize, at: usize, x: usize, line: i32, outWidth: i32, size: i32, stride: i32, batch: i32): void {
  const pixel = batch * 4;
  for (let ox = 0; ox < outWidth; ox++) {
    if (size == 2) poolPixel2(y, at, x, line, pixel, batch);
    else poolPixel(y, at, x, line, pixel, size, batch);
    y += pixel; at += batch; x += pixel * stride;
  }
}

/** Differs from `poolPixel` in that the four places are compared in a tree. A true lane of a comparison is −1. */
function poolPixel2(y: usize, at: usize, x: usize, line: i32, pixel: i32, batch: i32): void {
  const zero = i32x4.splat(0), two = i32x4.splat(2);
  let left = batch;
  for (; left >= 4; left -= 4) {
    const a = v128.load(x), b = v128.load(x + pixel);
    const c = v128.load(x + line), d = v128.load(x + line + pixel);
    const upper = f32x4.pmax(a, b), lower = f32x4.pmax(c, d); // the first of equals
    const below = f32x4.gt(lower, upper);
    v128.store(y, f32x4.pmax(upper, lower));
    storeBytes(at, v128.bitselect(i32x4.sub(two, f32x4.gt(d, c)), i32x4.sub(zero, f32x4.gt(b, a)), below));
    y += 16; at += 4; x += 16;
  }
  if (left > 0) poolPixel(y, at, x, line, pixel, 2, left);
}

function poolPixel(y: usize, at: usize, x: usize, line: i32, pixel: i32, size: i32, batch: i32): void {
  let left = batch;
  for (; left >= 4; left -= 4) {
    let best = v128.load(x);
    let where = i32x4.splat(0);
    for (let r = 0, place = 0; r < size; r++) {
      for (let s = 0; s < size; s++, place++) {
        const value = v128.load(x + r * line + s * pixel);
        const higher = f32x4.gt(value, best);
        best = v128.bitselect(value, best, higher);
        where = v128.bitselect(i32x4.splat(place), where, higher);
      }
    }
    v128.store(y, best);
    storeBytes(at, where);
    y += 16; at += 4; x += 16;
  }
  for (; left > 0; left--) {
    let best = load<f32>(x);
    let where = 0;
    for (let r = 0, place = 0; r < size; r++) {
      for (let s = 0; s < size; s++, place++) {
        const value = load<f32>(x + r * line + s * pixel);
        if (value > best) { best = value; where = place; }
      }
    }
    store<f32>(y, best);
    store<u8>(at, <u8>where);
    y += 4; at++; x += 4;
  }
}

@inline
function storeBytes(to: usize, lanes: v128): void {
  v128.store_lane<u32>(to, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(lanes, lanes), lanes), 0);
}
