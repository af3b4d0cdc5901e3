// Training kernels for pruned layers, on tfjs's own memory: no static data, no heap.
//
// Layout: activations [C, H, W, N], batch innermost, so that one kept weight multiplies a long contiguous run of floats.
// With stride 1 a whole output row is one run: y[k, oy, 0…OW) reads x[c, oy + r, s…s + OW), both contiguous.
// Entries: a list of 8 bytes for each kept weight, {byte offset of its first operand: i32, weight: f32}.
// Only offsets relative to a moving base are stored, so a list serves all positions of an image.
// C, K channels in and out; H, W, OH, OW sizes in and out; R, S rows and columns of a filter; N batch.

// 6: V8 loads all operands of a loop body before it multiplies; more than 6 sums at once and they spill to the stack.
const BLOCK: i32 = 24; // floats in 6 vectors

/** out[0…length) = start + Σ_entries weight · base[offset + 0…length) */
function gather(out: usize, base: usize, start: f32, from: usize, to: usize, length: i32): void {
  const first = f32x4.splat(start);
  while (length >= BLOCK) {
    let a = first, b = first, c = first, d = first, e = first, f = first;
    for (let entry = from; entry < to; entry += 8) {
      const x = base + load<u32>(entry);
      const w = v128.load32_splat(entry, 4);
      a = f32x4.add(a, f32x4.mul(w, v128.load(x, 0)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(x, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(x, 32)));
      d = f32x4.add(d, f32x4.mul(w, v128.load(x, 48)));
      e = f32x4.add(e, f32x4.mul(w, v128.load(x, 64)));
      f = f32x4.add(f, f32x4.mul(w, v128.load(x, 80)));
    }
    v128.store(out, a, 0); v128.store(out, b, 16); v128.store(out, c, 32);
    v128.store(out, d, 48); v128.store(out, e, 64); v128.store(out, f, 80);
    out += 96; base += 96; length -= BLOCK;
  }
  if (length >= 16) {
    let a = first, b = first, c = first, d = first;
    for (let entry = from; entry < to; entry += 8) {
      const x = base + load<u32>(entry);
      const w = v128.load32_splat(entry, 4);
      a = f32x4.add(a, f32x4.mul(w, v128.load(x, 0)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(x, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(x, 32)));
      d = f32x4.add(d, f32x4.mul(w, v128.load(x, 48)));
    }
    v128.store(out, a, 0); v128.store(out, b, 16); v128.store(out, c, 32); v128.store(out, d, 48);
    out += 64; base += 64; length -= 16;
  }
  while (length >= 4) {
    let a = first;
    for (let entry = from; entry < to; entry += 8) {
      a = f32x4.add(a, f32x4.mul(v128.load32_splat(entry, 4), v128.load(base + load<u32>(entry))));
    }
    v128.store(out, a);
    out += 16; base += 16; length -= 4;
  }
  for (; length > 0; length--) {
    let a = start;
    for (let entry = from; entry < to; entry += 8) a += load<f32>(entry, 4) * load<f32>(base + load<u32>(entry));
    store<f32>(out, a);
    out += 4; base += 4;
  }
}

/**
 * Entries of the rows: {((c·H + r)·W + s)·N·4, weight}.
 * places: {c: u32, r: u16, s: u16} of each kept weight; weightAt: its position in `weights`.
 */
export function rowEntries(
  entries: usize, places: usize, weightAt: usize, weights: usize, count: i32, height: i32, width: i32, batch: i32,
): void {
  for (let i = 0; i < count; i++) {
    const pixel = (load<i32>(places) * height + <i32>load<u16>(places, 4)) * width + <i32>load<u16>(places, 6);
    store<i32>(entries, pixel * batch * 4);
    store<f32>(entries, load<f32>(weights + (load<u32>(weightAt) << 2)), 4);
    entries += 8; places += 8; weightAt += 4;
  }
}

/**
 * y[k, oy, ox, n] = bias[k] + Σ_entries of row k: weight · x[offset + (oy·stride·W + ox·stride)·N + n]
 *
 * A row of outputs at a time for all k: the R rows of x that it reads stay in the cache.
 * @param bias - 0 for none
 */
export function forward(
  y: usize, x: usize, bias: usize, rowStart: usize, entries: usize,
  outChannels: i32, outHeight: i32, outWidth: i32, width: i32, stride: i32, batch: i32,
): void {
  const runs = stride == 1 ? 1 : outWidth; // in a row of outputs
  const run = stride == 1 ? outWidth * batch : batch;
  const plane = outHeight * outWidth * batch * 4;
  for (let oy = 0; oy < outHeight; oy++) {
    let row = y + oy * outWidth * batch * 4;
    for (let k = 0; k < outChannels; k++, row += plane) {
      const from = entries + (load<u32>(rowStart + (k << 2)) << 3);
      const to = entries + (load<u32>(rowStart + (k << 2), 4) << 3);
      const start = bias != 0 ? load<f32>(bias + (k << 2)) : 0;
      for (let i = 0; i < runs; i++) {
        gather(row + i * run * 4, x + (oy * width + i) * stride * batch * 4, start, from, to, run);
      }
    }
  }
}

/**
 * Entries of the columns of dx, {(k·OH·OW − r·OW − s)·N·4, weight}: a list for each set of pixels that meets the same
 * columns s0…s1 of the filter, in the order (c, r, s, k).
 *
 * In the middle of a row, S − 1 ≤ ix < OW, all columns of the filter meet dy, and the pixels make one run. Towards its
 * ends they drop out one by one. A weight is in one list for the middle and in S − 1 for the ends, or, where there is no
 * middle, in OW: so min(S, OW) lists hold it.
 *
 * An offset may be negative: it wraps round, as does the sum with the base.
 * columnStart: C·R·S + 1 positions in the order (c, r, s, k); outChannelOf: k of each; weightAt: its place in `weights`.
 * listStart: where the entries of (list, c, r) begin, an address each, R + 1 for each c.
 */
export function columnEntries(
  entries: usize, listStart: usize, columnStart: usize, outChannelOf: usize, weightAt: usize, weights: usize,
  inChannels: i32, rows: i32, columns: i32, outHeight: i32, outWidth: i32, batch: i32,
): void {
  const width = outWidth + columns - 1;
  for (let ix = 0; ix < width; ix = afterList(ix, columns, outWidth)) {
    const s0 = max(0, ix - outWidth + 1);
    const s1 = min(columns - 1, ix);
    for (let c = 0; c < inChannels; c++) {
      for (let r = 0; r < rows; r++) {
        store<usize>(listStart, entries);
        listStart += 4;
        for (let s = s0; s <= s1; s++) {
          const start = columnStart + (((c * rows + r) * columns + s) << 2);
          const to = load<i32>(start, 4);
          for (let i = load<i32>(start); i < to; i++) {
            const k = load<i32>(outChannelOf + (i << 2));
            store<i32>(entries, ((k * outHeight - r) * outWidth - s) * batch * 4);
            store<f32>(entries, load<f32>(weights + (load<u32>(weightAt + (i << 2)) << 2)), 4);
            entries += 8;
          }
        }
      }
      store<usize>(listStart, entries);
      listStart += 4;
    }
  }
}

/** The first pixel after those that share a list with ix: the middle of a row is taken as one. */
@inline
function afterList(ix: i32, columns: i32, outWidth: i32): i32 {
  return ix == columns - 1 && outWidth >= columns ? outWidth : ix + 1;
}

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

/**
 * A convolution and, before it is ever stored, its maxima in windows of size × size side by side.
 * y [K, PH, PW, N]; what no whole window covers is not computed.
 * @param spread - scratch for `size` rows of the convolution, PW·size·N floats each: small enough to stay in the cache
 */
export function forwardPooled(
  y: usize, at: usize, x: usize, bias: usize, rowStart: usize, entries: usize, spread: usize,
  outChannels: i32, pooledHeight: i32, pooledWidth: i32, size: i32, width: i32, stride: i32, batch: i32,
): void {
  const outWidth = pooledWidth * size;
  const line = outWidth * batch * 4;
  const runs = stride == 1 ? 1 : outWidth;
  const run = stride == 1 ? outWidth * batch : batch;
  for (let py = 0; py < pooledHeight; py++) {
    for (let k = 0; k < outChannels; k++) {
      const from = entries + (load<u32>(rowStart + (k << 2)) << 3);
      const to = entries + (load<u32>(rowStart + (k << 2), 4) << 3);
      const start = bias != 0 ? load<f32>(bias + (k << 2)) : 0;
      for (let r = 0; r < size; r++) {
        const image = x + (py * size + r) * width * stride * batch * 4;
        for (let i = 0; i < runs; i++) {
          gather(spread + r * line + i * run * 4, image + i * stride * batch * 4, start, from, to, run);
        }
      }
      const to0 = (k * pooledHeight + py) * pooledWidth * batch;
      poolRow(y + (to0 << 2), at + to0, spread, line, pooledWidth, size, size, batch);
    }
  }
}

/** One row of windows. line: bytes from a row of x to the next. */
function poolRow(y: usize, at: usize, x: usize, line: i32, outWidth: i32, size: i32, stride: i32, batch: i32): void {
  const pixel = batch * 4;
  for (let ox = 0; ox < outWidth; ox++) {
    if (size == 2) poolPixel2(y, at, x, line, pixel, batch);
    else poolPixel(y, at, x, line, pixel, size, batch);
    y += pixel; at += batch; x += pixel * stride;
  }
}

@inline
function storeBytes(to: usize, lanes: v128): void {
  v128.store_lane<u32>(to, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(lanes, lanes), lanes), 0);
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
function unpoolRow(to: usize, line: i32, dy: usize, at: usize, outWidth: i32, size: i32, batch: i32): void {
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

@inline
function loadBytes(from: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
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
