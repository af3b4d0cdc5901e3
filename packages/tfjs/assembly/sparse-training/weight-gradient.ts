import { unpoolRow } from './max-pool-gradient';

/**
 * sums[i] = Σ_{oy, ox, n} dy[k, oy, ox, n] · x[offset_i + (oy·W + ox)·stride·N + n] for each entry i; then dw[weightAt[i]] = sums[i].
 *
 * Six entries of a row share a load of dy. float32 within a run, float64 over the runs.
 * @param sums - scratch, a float64 for each entry
 * @param dw - filled with zeros first
 */
export function weightGradient(
  dw: usize, dwLength: i32, dy: usize, x: usize, rowStart: usize, entries: usize, weightAt: usize, sums: usize,
  outChannels: i32, outHeight: i32, outWidth: i32, width: i32, stride: i32, batch: i32,
): void {
  const row = outWidth * batch * 4;
  const line = width * stride * batch * 4;
  const count = load<u32>(rowStart + (outChannels << 2));
  memory.fill(sums, 0, count << 3);
  for (let oy = 0; oy < outHeight; oy++) {
    for (let k = 0; k < outChannels; k++) {
      const at = dy + (k * outHeight + oy) * row;
      rowDots(sums, at, x + oy * line, rowStart + (k << 2), entries, outWidth, stride, batch);
    }
  }
  placeSums(dw, dwLength, sums, weightAt, count);
}

/** The same, with dy = the gradient behind a max-pool with windows of size × size side by side, which is spread out again row by row. */
export function pooledWeightGradient(
  dw: usize, dwLength: i32, dy: usize, at: usize, x: usize, rowStart: usize, entries: usize, weightAt: usize, sums: usize,
  spread: usize, outChannels: i32, pooledHeight: i32, pooledWidth: i32, size: i32, width: i32, stride: i32, batch: i32,
): void {
  const outWidth = pooledWidth * size;
  const row = outWidth * batch * 4;
  const line = width * stride * batch * 4;
  const count = load<u32>(rowStart + (outChannels << 2));
  memory.fill(sums, 0, count << 3);
  for (let py = 0; py < pooledHeight; py++) {
    for (let k = 0; k < outChannels; k++) {
      const start = (k * pooledHeight + py) * pooledWidth * batch;
      unpoolRow(spread, row, dy + (start << 2), at + start, pooledWidth, size, batch);
      for (let r = 0; r < size; r++) {
        const image = x + (py * size + r) * line;
        rowDots(sums, spread + r * row, image, rowStart + (k << 2), entries, outWidth, stride, batch);
      }
    }
  }
  placeSums(dw, dwLength, sums, weightAt, count);
}

/** Adds what one row of dy gives to the sums of all entries of its k. */
function rowDots(
  sums: usize, dy: usize, x: usize, rowStart: usize, entries: usize, outWidth: i32, stride: i32, batch: i32,
): void {
  const from = load<u32>(rowStart);
  const to = load<u32>(rowStart, 4);
  const runs = stride == 1 ? 1 : outWidth;
  const run = stride == 1 ? outWidth * batch : batch;
  for (let i = 0; i < runs; i++) {
    let entry = from;
    for (; entry + 6 <= to; entry += 6) dot6(sums + (entry << 3), dy, x, entries + (entry << 3), run);
    if (entry + 3 <= to) { dot3(sums + (entry << 3), dy, x, entries + (entry << 3), run); entry += 3; }
    for (; entry < to; entry++) dot1(sums + (entry << 3), dy, x, entries + (entry << 3), run);
    dy += run << 2; x += stride * batch * 4;
  }
}

function placeSums(dw: usize, dwLength: i32, sums: usize, weightAt: usize, count: u32): void {
  memory.fill(dw, 0, <usize>dwLength << 2);
  for (let i: u32 = 0; i < count; i++) {
    store<f32>(dw + (load<u32>(weightAt + (i << 2)) << 2), <f32>load<f64>(sums + (i << 3)));
  }
}

@inline
function addTo(sum: usize, lanes: v128, tail: f32): void {
  const halves = f32x4.add(lanes, v128.shuffle<f32>(lanes, lanes, 2, 3, 0, 1));
  store<f64>(sum, load<f64>(sum) + <f64>(f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1) + tail));
}

function dot6(sums: usize, dy: usize, x: usize, entry: usize, length: i32): void {
  const zero = f32x4.splat(0);
  let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero;
  let x0 = x + load<u32>(entry, 0), x1 = x + load<u32>(entry, 8), x2 = x + load<u32>(entry, 16);
  let x3 = x + load<u32>(entry, 24), x4 = x + load<u32>(entry, 32), x5 = x + load<u32>(entry, 40);
  let i: usize = 0;
  for (const end = <usize>(length & ~3) << 2; i < end; i += 16) {
    const g = v128.load(dy + i);
    a = f32x4.add(a, f32x4.mul(g, v128.load(x0 + i)));
    b = f32x4.add(b, f32x4.mul(g, v128.load(x1 + i)));
    c = f32x4.add(c, f32x4.mul(g, v128.load(x2 + i)));
    d = f32x4.add(d, f32x4.mul(g, v128.load(x3 + i)));
    e = f32x4.add(e, f32x4.mul(g, v128.load(x4 + i)));
    f = f32x4.add(f, f32x4.mul(g, v128.load(x5 + i)));
  }
  let t0: f32 = 0, t1: f32 = 0, t2: f32 = 0, t3: f32 = 0, t4: f32 = 0, t5: f32 = 0;
  for (const end = <usize>length << 2; i < end; i += 4) {
    const g = load<f32>(dy + i);
    t0 += g * load<f32>(x0 + i); t1 += g * load<f32>(x1 + i); t2 += g * load<f32>(x2 + i);
    t3 += g * load<f32>(x3 + i); t4 += g * load<f32>(x4 + i); t5 += g * load<f32>(x5 + i);
  }
  addTo(sums, a, t0); addTo(sums + 8, b, t1); addTo(sums + 16, c, t2);
  addTo(sums + 24, d, t3); addTo(sums + 32, e, t4); addTo(sums + 40, f, t5);
}

function dot3(sums: usize, dy: usize, x: usize, entry: usize, length: i32): void {
  const zero = f32x4.splat(0);
  let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero;
  let x0 = x + load<u32>(entry, 0), x1 = x + load<u32>(entry, 8), x2 = x + load<u32>(entry, 16);
  let i: usize = 0;
  for (const end = <usize>(length & ~7) << 2; i < end; i += 32) {
    const g = v128.load(dy + i), h = v128.load(dy + i, 16);
    a = f32x4.add(a, f32x4.mul(g, v128.load(x0 + i)));
    b = f32x4.add(b, f32x4.mul(g, v128.load(x1 + i)));
    c = f32x4.add(c, f32x4.mul(g, v128.load(x2 + i)));
    d = f32x4.add(d, f32x4.mul(h, v128.load(x0 + i, 16)));
    e = f32x4.add(e, f32x4.mul(h, v128.load(x1 + i, 16)));
    f = f32x4.add(f, f32x4.mul(h, v128.load(x2 + i, 16)));
  }
  let t0: f32 = 0, t1: f32 = 0, t2: f32 = 0;
  for (const end = <usize>length << 2; i < end; i += 4) {
    const g = load<f32>(dy + i);
    t0 += g * load<f32>(x0 + i); t1 += g * load<f32>(x1 + i); t2 += g * load<f32>(x2 + i);
  }
  addTo(sums, f32x4.add(a, d), t0); addTo(sums + 8, f32x4.add(b, e), t1); addTo(sums + 16, f32x4.add(c, f), t2);
}

function dot1(sums: usize, dy: usize, x: usize, entry: usize, length: i32): void {
  const zero = f32x4.splat(0);
  let a = zero, b = zero, c = zero, d = zero;
  const x0 = x + load<u32>(entry);
  let i: usize = 0;
  for (const end = <usize>(length & ~15) << 2; i < end; i += 64) {
    a = f32x4.add(a, f32x4.mul(v128.load(dy + i), v128.load(x0 + i)));
    b = f32x4.add(b, f32x4.mul(v128.load(dy + i, 16), v128.load(x0 + i, 16)));
    c = f32x4.add(c, f32x4.mul(v128.load(dy + i, 32), v128.load(x0 + i, 32)));
    d = f32x4.add(d, f32x4.mul(v128.load(dy + i, 48), v128.load(x0 + i, 48)));
  }
  let t: f32 = 0;
  for (const end = <usize>length << 2; i < end; i += 4) t += load<f32>(dy + i) * load<f32>(x0 + i);
  addTo(sums, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), t);
}
