/** dx = Σ over the windows that chose this place: dy. Windows may overlap (stride < size) or leave gaps. */
export function maxPoolGradient(
  dx: usize, dy: usize, at: usize, channels: i32, height: i32, width: i32,
  outHeight: i32, outWidth: i32, size: i32, stride: i32, batch: i32,
): void {
  const pixel = batch * 4;
  const line = width * pixel;
  const sideBySide = size == stride;
  // Windows side by side write every dx that they cover once; otherwise they add to zeros.
  const covered = sideBySide && outHeight * size == height && outWidth * size == width;
  if (!covered) memory.fill(dx, 0, <usize>(channels * height) * line);
  for (let c = 0; c < channels; c++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const row = dx + (c * height + oy * stride) * line;
      if (sideBySide) unpoolRow(row, line, dy, at, outWidth, size, batch);
      else addUnpooledRow(row, line, dy, at, outWidth, size, stride, batch);
      dy += outWidth * pixel; at += outWidth * batch;
    }
  }
}

/** Spreads a row of dy over `size` rows, `line` bytes apart: each to its place, 0 to the others of its window. */
export function unpoolRow(to: usize, line: i32, dy: usize, at: usize, outWidth: i32, size: i32, batch: i32): void {
  const pixel = batch * 4;
  for (let ox = 0; ox < outWidth; ox++) {
    if (size == 2) unpoolPixel2(to, line, dy, at, batch);
    else {
      for (let r = 0, place = 0; r < size; r++) {
        for (let s = 0; s < size; s++, place++) placeGradient(to + r * line + s * pixel, dy, at, place, batch);
      }
    }
    to += size * pixel; dy += pixel; at += batch;
  }
}

function addUnpooledRow(to: usize, line: i32, dy: usize, at: usize, outWidth: i32, size: i32, stride: i32, batch: i32): void {
  const pixel = batch * 4;
  for (let ox = 0; ox < outWidth; ox++) {
    for (let r = 0, place = 0; r < size; r++) {
      for (let s = 0; s < size; s++, place++) addGradient(to + r * line + s * pixel, dy, at, place, batch);
    }
    to += stride * pixel; dy += pixel; at += batch;
  }
}

/** Differs from four calls of `placeGradient` in that dy and its places are read once. */
function unpoolPixel2(to: usize, line: i32, dy: usize, at: usize, batch: i32): void {
  const pixel = batch * 4;
  let left = batch;
  for (; left >= 4; left -= 4) {
    const gradient = v128.load(dy);
    const place = loadBytes(at);
    v128.store(to, v128.and(gradient, i32x4.eq(place, i32x4.splat(0))));
    v128.store(to + pixel, v128.and(gradient, i32x4.eq(place, i32x4.splat(1))));
    v128.store(to + line, v128.and(gradient, i32x4.eq(place, i32x4.splat(2))));
    v128.store(to + line + pixel, v128.and(gradient, i32x4.eq(place, i32x4.splat(3))));
    to += 16; dy += 16; at += 4;
  }
  for (let place = 0; place < 4 && left > 0; place++) {
    placeGradient(to + (place >> 1) * line + (place & 1) * pixel, dy, at, place, left);
  }
}

function placeGradient(dx: usize, dy: usize, at: usize, place: i32, length: i32): void {
  const here = i32x4.splat(place);
  for (; length >= 4; length -= 4) {
    v128.store(dx, v128.and(v128.load(dy), i32x4.eq(loadBytes(at), here)));
    dx += 16; dy += 16; at += 4;
  }
  for (; length > 0; length--) {
    store<f32>(dx, load<u8>(at) == place ? load<f32>(dy) : 0);
    dx += 4; dy += 4; at++;
  }
}

function addGradient(dx: usize, dy: usize, at: usize, place: i32, length: i32): void {
  const here = i32x4.splat(place);
  for (; length >= 4; length -= 4) {
    v128.store(dx, f32x4.add(v128.load(dx), v128.and(v128.load(dy), i32x4.eq(loadBytes(at), here))));
    dx += 16; dy += 16; at += 4;
  }
  for (; length > 0; length--) {
    if (load<u8>(at) == place) store<f32>(dx, load<f32>(dx) + load<f32>(dy));
    dx += 4; dy += 4; at++;
  }
}

@inline
function loadBytes(from: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
}
