import { afterList } from './entries';
import { gather } from './gather';

/** dx[c, iy, ix, n] = Σ_entries of c: weight · dy[k, iy − r, ix − s, n], where dy has such a pixel. Stride 1. */
export function inputGradient(
  dx: usize, dy: usize, listStart: usize,
  inChannels: i32, height: i32, width: i32, rows: i32, columns: i32, outHeight: i32, outWidth: i32, batch: i32,
): void {
  const pixel = batch * 4;
  const plane = height * width * pixel;
  for (let iy = 0; iy < height; iy++) {
    const r0 = max(0, iy - outHeight + 1); // r0 ≤ r1: every row of x meets the filter
    const r1 = min(rows - 1, iy);
    let row = dx + iy * width * pixel;
    const base = dy + iy * outWidth * pixel;
    let list = listStart;
    for (let c = 0; c < inChannels; c++, row += plane, list += (rows + 1) << 2) {
      let start = list;
      for (let ix = 0; ix < width; start += (inChannels * (rows + 1)) << 2) {
        const next = afterList(ix, columns, outWidth);
        const from = load<usize>(start + (r0 << 2));
        const to = load<usize>(start + (r1 << 2), 4);
        gather(row + ix * pixel, base + ix * pixel, 0, from, to, (next - ix) * batch);
        ix = next;
      }
    }
  }
}

/** dx[offset + (oy·W + ox)·stride·N + n] += weight · dy[k, oy, ox, n], over the rows; any stride. */
export function inputGradientStrided(
  dx: usize, dxLength: i32, dy: usize, rowStart: usize, entries: usize,
  outChannels: i32, outHeight: i32, outWidth: i32, width: i32, stride: i32, batch: i32,
): void {
  memory.fill(dx, 0, <usize>dxLength << 2);
  for (let k = 0; k < outChannels; k++) {
    const from = entries + (load<u32>(rowStart + (k << 2)) << 3);
    const to = entries + (load<u32>(rowStart + (k << 2), 4) << 3);
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++, dy += batch << 2) {
        const base = dx + (oy * width + ox) * stride * batch * 4;
        for (let entry = from; entry < to; entry += 8) {
          scatter(base + load<u32>(entry), dy, load<f32>(entry, 4), batch);
        }
      }
    }
  }
}

/** to[0…length) += weight · from[0…length) */
function scatter(to: usize, from: usize, weight: f32, length: i32): void {
  const w = f32x4.splat(weight);
  for (; length >= 4; length -= 4) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(w, v128.load(from))));
    to += 16; from += 16;
  }
  for (; length > 0; length--) {
    store<f32>(to, load<f32>(to) + weight * load<f32>(from));
    to += 4; from += 4;
  }
}
