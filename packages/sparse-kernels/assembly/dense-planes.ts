// Lays planes out for convolutions: zeros around them, and with stride s each s-th column beside the next.
//
//   to [channels, rows, s, step]     to[c, i, q, j] = x[c, i − top, j · s + q − left], 0 outside of x
//
// After that neighbours in the output of a convolution see neighbours in memory, whatever its stride.

/**
 * @param rows - of a plane of `to`: all that windows reach
 * @param step - floats of a phase of a row; `to` may be overwritten 12 bytes beyond its end
 */
export function layOutPlanes(
  x: usize, channels: i32, height: i32, width: i32, top: i32, left: i32,
  to: usize, rows: i32, stride: i32, step: i32,
): void {
  const rowBytes = (stride * step) << 2;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < rows; i++) {
      const source = i - top;
      if (source < 0 || source >= height) clear(to, stride * step);
      else if (stride == 1) copyRow(x + ((source * width) << 2), width, left, to, step);
      else if (stride == 2 && left == 0) splitRow(x + ((source * width) << 2), width, to, step);
      else spreadRow(x + ((source * width) << 2), width, left, to, stride, step);
      to += rowBytes;
    }
    x += (height * width) << 2;
  }
}

/** Writes up to 12 bytes too far, over what is written next. */
@inline
function clear(to: usize, count: i32): void {
  for (const end = to + (count << 2); to < end; to += 16) v128.store(to, i32x4.splat(0));
}

function copyRow(from: usize, width: i32, left: i32, to: usize, step: i32): void {
  const end = to + (step << 2);
  clear(to, left);
  to += left << 2;
  const copied = min(width, step - left); // windows may not reach the end of a row
  for (let j = 0; j < copied; j += 4) v128.store(to + (j << 2), v128.load(from + (j << 2)));
  to += copied << 2;
  for (; to < end; to += 4) store<f32>(to, 0);
}

/** Columns 0, 2, 4, … then 1, 3, 5, … */
function splitRow(from: usize, width: i32, to: usize, step: i32): void {
  const odd = to + (step << 2);
  let j = 0;
  for (; 2 * j + 8 <= width && j + 4 <= step; j += 4) {
    const a = v128.load(from + (j << 3)), b = v128.load(from + (j << 3), 16);
    v128.store(to + (j << 2), v128.shuffle<f32>(a, b, 0, 2, 4, 6));
    v128.store(odd + (j << 2), v128.shuffle<f32>(a, b, 1, 3, 5, 7));
  }
  for (; j < step; j++) {
    store<f32>(to + (j << 2), 2 * j < width ? load<f32>(from + (j << 3)) : 0);
    store<f32>(odd + (j << 2), 2 * j + 1 < width ? load<f32>(from + (j << 3), 4) : 0);
  }
}

function spreadRow(from: usize, width: i32, left: i32, to: usize, stride: i32, step: i32): void {
  for (let q = 0; q < stride; q++) {
    for (let j = 0; j < step; j++) {
      const column = j * stride + q - left;
      store<f32>(to, column >= 0 && column < width ? load<f32>(from + (column << 2)) : 0);
      to += 4;
    }
  }
}
