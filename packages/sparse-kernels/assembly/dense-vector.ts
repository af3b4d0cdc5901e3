// Matrix × vector, all weights. Plain twin: src/dense/plain.ts. It reads each weight once and does nothing else of note.

/**
 * y[m] = clip(bias[m] + Σ_n  w[m, n] · x[n]).
 *
 * @param w - f32 [rows, columns]
 */
export function denseVector(
  rows: i32, columns: i32, w: usize, x: usize, bias: usize, y: usize, least: f32, most: f32,
): void {
  const rowBytes = <usize>columns << 2;
  const wide = columns & ~7;
  const wideEnd = x + (<usize>wide << 2);
  const end = x + rowBytes;
  let m = 0;
  for (; m + 4 <= rows; m += 4) {
    let a = f32x4.splat(0), b = a, c = a, d = a, a1 = a, b1 = a, c1 = a, d1 = a;
    let row0 = w, row1 = row0 + rowBytes, row2 = row1 + rowBytes, row3 = row2 + rowBytes;
    let at = x;
    for (; at < wideEnd; at += 32) {
      const x0 = v128.load(at);
      a = f32x4.add(a, f32x4.mul(x0, v128.load(row0)));
      b = f32x4.add(b, f32x4.mul(x0, v128.load(row1)));
      c = f32x4.add(c, f32x4.mul(x0, v128.load(row2)));
      d = f32x4.add(d, f32x4.mul(x0, v128.load(row3)));
      const x1 = v128.load(at, 16);
      a1 = f32x4.add(a1, f32x4.mul(x1, v128.load(row0, 16)));
      b1 = f32x4.add(b1, f32x4.mul(x1, v128.load(row1, 16)));
      c1 = f32x4.add(c1, f32x4.mul(x1, v128.load(row2, 16)));
      d1 = f32x4.add(d1, f32x4.mul(x1, v128.load(row3, 16)));
      row0 += 32;
      row1 += 32;
      row2 += 32;
      row3 += 32;
    }
    let s0 = sum(f32x4.add(a, a1)), s1 = sum(f32x4.add(b, b1)), s2 = sum(f32x4.add(c, c1)), s3 = sum(f32x4.add(d, d1));
    for (; at < end; at += 4) {
      const value = load<f32>(at);
      s0 += value * load<f32>(row0);
      s1 += value * load<f32>(row1);
      s2 += value * load<f32>(row2);
      s3 += value * load<f32>(row3);
      row0 += 4;
      row1 += 4;
      row2 += 4;
      row3 += 4;
    }
    const sums = f32x4.add(v128.load(bias), f32x4(s0, s1, s2, s3));
    v128.store(y, f32x4.pmin(f32x4.pmax(sums, f32x4.splat(least)), f32x4.splat(most)));
    w += rowBytes << 2;
    bias += 16;
    y += 16;
  }
  for (; m < rows; m++) {
    let a = f32x4.splat(0);
    let row = w;
    let at = x;
    for (; at < wideEnd; at += 16, row += 16) a = f32x4.add(a, f32x4.mul(v128.load(at), v128.load(row)));
    let s = sum(a);
    for (; at < end; at += 4, row += 4) s += load<f32>(at) * load<f32>(row);
    store<f32>(y, min(max(s + load<f32>(bias), least), most));
    w += rowBytes;
    bias += 4;
    y += 4;
  }
}

@inline
function sum(a: v128): f32 {
  return (f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1)) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}
