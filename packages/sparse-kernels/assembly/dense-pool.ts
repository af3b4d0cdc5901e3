// Pools of planes: the rows of a window first, many columns at a time, then its columns. Plain twin: src/dense/plain.ts.

/**
 * y[c, i, j] = the largest, or the average, of the cells of the input that a window covers: what lies outside does not count.
 *
 * @param average - 1: the average, 0: the largest
 * @param y - f32 [channels, rows, columns]
 * @param scratch - 4 · width + 32 bytes
 */
export function densePool(
  x: usize, channels: i32, height: i32, width: i32,
  windowRows: i32, windowColumns: i32, strideRows: i32, strideColumns: i32, top: i32, left: i32,
  average: i32,
  y: usize, rows: i32, columns: i32,
  scratch: usize,
): void {
  const rowBytes = width << 2;
  // Windows that lie in the row as a whole, two apart, can be done four at a time.
  const isQuick = strideColumns == 2 && left == 0 && (windowColumns == 2 || windowColumns == 3);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < rows; i++) {
      const first = max(i * strideRows - top, 0);
      const last = min(i * strideRows - top + windowRows, height);
      joinRows(x + first * rowBytes, last - first, rowBytes, scratch, average);
      let j = 0;
      if (isQuick) {
        const divisor = f32x4.splat(average ? 1 / <f32>max(1, (last - first) * windowColumns) : 1);
        for (; 2 * (j + 3) + windowColumns <= width && j + 4 <= columns; j += 4) {
          const from = scratch + (j << 3);
          const a = v128.load(from), b = v128.load(from, 16);
          const even = v128.shuffle<f32>(a, b, 0, 2, 4, 6), odd = v128.shuffle<f32>(a, b, 1, 3, 5, 7);
          let joined = average ? f32x4.add(even, odd) : f32x4.pmax(even, odd);
          if (windowColumns == 3) {
            const third = v128.shuffle<f32>(v128.load(from, 8), v128.load(from, 24), 0, 2, 4, 6);
            joined = average ? f32x4.add(joined, third) : f32x4.pmax(joined, third);
          }
          v128.store(y + (j << 2), average ? f32x4.mul(joined, divisor) : joined);
        }
      }
      for (; j < columns; j++) {
        const begin = max(j * strideColumns - left, 0);
        const end = min(j * strideColumns - left + windowColumns, width);
        let joined: f32 = average ? 0 : -Infinity;
        for (let at = scratch + (begin << 2), stop = scratch + (end << 2); at < stop; at += 4) {
          joined = average ? joined + load<f32>(at) : max(joined, load<f32>(at));
        }
        store<f32>(y + (j << 2), average ? joined / <f32>max(1, (last - first) * (end - begin)) : joined);
      }
      y += columns << 2;
    }
    x += height * rowBytes;
  }
}

/** to[j] = the largest, or the sum, of x[i, j] over `count` rows i. Without rows: −∞, or 0. */
function joinRows(x: usize, count: i32, rowBytes: i32, to: usize, average: i32): void {
  for (let j = 0; j < rowBytes; j += 16) {
    let joined = f32x4.splat(average ? 0 : -Infinity);
    let from = x + j;
    if (average) for (let i = 0; i < count; i++, from += rowBytes) joined = f32x4.add(joined, v128.load(from));
    else for (let i = 0; i < count; i++, from += rowBytes) joined = f32x4.pmax(joined, v128.load(from));
    v128.store(to + j, joined);
  }
}
