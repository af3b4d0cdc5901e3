// Planes as sparse convolutions want them, and back. Plain twin: src/plane-layout.ts.
//
// With stride s, planes are taken apart into s · s of which each has every s-th row and column: what a tap of the kernel sees of them
// are then neighbours, pixel after pixel and row after row, whatever the stride:
//
//   to [channels, phasesDown, phasesAcross, rows, pitch]
//   to[c, q, r, i, j] = x[c, i · strideDown + q − top, j · strideAcross + r − left], 0 outside of x

/** @param behind - floats after the last plane that are cleared, too */
export function layOutPhases(
  x: usize, channels: i32, height: i32, width: i32, top: i32, left: i32, strideDown: i32, strideAcross: i32,
  to: usize, phasesDown: i32, phasesAcross: i32, rows: i32, pitch: i32, behind: i32,
): void {
  const rowBytes = <usize>pitch << 2;
  for (let c = 0; c < channels; c++) {
    for (let q = 0; q < phasesDown; q++) {
      for (let r = 0; r < phasesAcross; r++) {
        for (let i = 0; i < rows; i++, to += rowBytes) {
          const row = i * strideDown + q - top;
          if (row < 0 || row >= height) {
            memory.fill(to, 0, rowBytes);
            continue;
          }
          const from = x + (<usize>(row * width) << 2);
          if (strideAcross == 1) copyRow(from, width, left - r, to, pitch);
          else spreadRow(from, width, left - r, strideAcross, to, pitch);
        }
      }
    }
    x += <usize>(height * width) << 2;
  }
  memory.fill(to, 0, <usize>behind << 2);
}

/** to[j] = from[j − left]. */
function copyRow(from: usize, width: i32, left: i32, to: usize, pitch: i32): void {
  const end = to + (<usize>pitch << 2);
  for (let j = 0; j < left && to < end; j++, to += 4) store<f32>(to, 0);
  const last = min<usize>(end, to + (<usize>width << 2));
  for (; to + 16 <= last; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < last; to += 4, from += 4) store<f32>(to, load<f32>(from));
  for (; to < end; to += 4) store<f32>(to, 0);
}

/** to[j] = from[j · stride − left]. */
function spreadRow(from: usize, width: i32, left: i32, stride: i32, to: usize, pitch: i32): void {
  for (let j = 0, column = -left; j < pitch; j++, column += stride, to += 4) {
    store<f32>(to, column >= 0 && column < width ? load<f32>(from + (<usize>column << 2)) : 0);
  }
}

/** Takes `columns` of each row of `pitch` numbers: to[k, i, j] = from[k, i, j]. Strides, from plane to plane, are in bytes. */
export function compactPlanes(
  from: usize, fromStride: usize, planes: i32, rows: i32, pitch: i32, columns: i32, to: usize, toStride: usize,
): void {
  for (let k = 0; k < planes; k++) {
    let source = from + <usize>k * fromStride;
    let target = to + <usize>k * toStride;
    for (let i = 0; i < rows; i++) {
      const last = target + (<usize>columns << 2);
      let at = source;
      for (; target + 16 <= last; target += 16, at += 16) v128.store(target, v128.load(at));
      for (; target < last; target += 4, at += 4) store<f32>(target, load<f32>(at));
      source += <usize>pitch << 2;
    }
  }
}
