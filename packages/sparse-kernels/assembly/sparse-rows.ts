// Rows of nonzeros times many columns of x at once: convolutions over planes, and batches. Plain twin: src/sparse-rows.ts.

/**
 * y[m][i] = clip(bias[m] + Σ value · x[offset + 4i]) for i < count, over the entries (offset, value) of row m.
 *
 * In a convolution, i is a pixel and the offset leads to the plane and the shift of the kernel's element; in a batch, i is a sample
 * and the offset leads to the line of an input. Sums stay in registers. Blocks of 24 go first over all rows, so that what they read
 * of x stays in the first cache: six sums and not more, as an engine that loads all before it multiplies spills otherwise.
 *
 * The last block is the smallest that covers what is left, and begins earlier if it is larger than that: nothing behind `count` is
 * touched, unless `count` is less than 4; then 4 are.
 *
 * @param rowEnds - u32 [rows]: where the entries of each row end
 * @param entries - [nonzeros] of (u32 offset in bytes, f32 value)
 * @param bias - f32 [rows], or 0 for none
 * @param least - 0 for ReLU, −∞ for none
 * @param stride - bytes from row to row of y
 */
export function sparseRows(
  rows: i32, rowEnds: usize, entries: usize, x: usize, count: i32, bias: usize, least: f32, most: f32, y: usize, stride: usize,
): void {
  let i = 0;
  while (i < count) {
    const left = count - i;
    let block = left > 16 ? 24 : left > 8 ? 16 : left > 4 ? 8 : 4;
    if (block > count) block = block == 24 ? 16 : block == 16 ? 8 : 4;
    const first = left < block && count >= block ? count - block : i;
    const from = x + (<usize>first << 2);
    const to = y + (<usize>first << 2);
    if (block == 24) rows24(rows, rowEnds, entries, from, bias, least, most, to, stride);
    else if (block == 16) rows16(rows, rowEnds, entries, from, bias, least, most, to, stride);
    else if (block == 8) rows8(rows, rowEnds, entries, from, bias, least, most, to, stride);
    else rows4(rows, rowEnds, entries, from, bias, least, most, to, stride);
    i = first + block;
  }
}

function rows24(rows: i32, rowEnds: usize, entries: usize, x: usize, bias: usize, least: f32, most: f32, y: usize, stride: usize): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  let entry = entries;
  for (let m = 0; m < rows; m++, y += stride) {
    const end = entries + (<usize>load<u32>(rowEnds + (<usize>m << 2)) << 3);
    let s0 = bias ? v128.load_splat<f32>(bias + (<usize>m << 2)) : f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    for (; entry < end; entry += 8) {
      const from = x + <usize>load<u32>(entry);
      const value = v128.load_splat<f32>(entry, 4);
      s0 = f32x4.add(s0, f32x4.mul(value, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(value, v128.load(from, 16)));
      s2 = f32x4.add(s2, f32x4.mul(value, v128.load(from, 32)));
      s3 = f32x4.add(s3, f32x4.mul(value, v128.load(from, 48)));
      s4 = f32x4.add(s4, f32x4.mul(value, v128.load(from, 64)));
      s5 = f32x4.add(s5, f32x4.mul(value, v128.load(from, 80)));
    }
    v128.store(y, f32x4.min(high, f32x4.max(low, s0)));
    v128.store(y, f32x4.min(high, f32x4.max(low, s1)), 16);
    v128.store(y, f32x4.min(high, f32x4.max(low, s2)), 32);
    v128.store(y, f32x4.min(high, f32x4.max(low, s3)), 48);
    v128.store(y, f32x4.min(high, f32x4.max(low, s4)), 64);
    v128.store(y, f32x4.min(high, f32x4.max(low, s5)), 80);
  }
}

function rows16(rows: i32, rowEnds: usize, entries: usize, x: usize, bias: usize, least: f32, most: f32, y: usize, stride: usize): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  let entry = entries;
  for (let m = 0; m < rows; m++, y += stride) {
    const end = entries + (<usize>load<u32>(rowEnds + (<usize>m << 2)) << 3);
    let s0 = bias ? v128.load_splat<f32>(bias + (<usize>m << 2)) : f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (; entry + 8 < end; entry += 16) {
      const from = x + <usize>load<u32>(entry);
      const value = v128.load_splat<f32>(entry, 4);
      s0 = f32x4.add(s0, f32x4.mul(value, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(value, v128.load(from, 16)));
      s2 = f32x4.add(s2, f32x4.mul(value, v128.load(from, 32)));
      s3 = f32x4.add(s3, f32x4.mul(value, v128.load(from, 48)));
      const then = x + <usize>load<u32>(entry, 8);
      const second = v128.load_splat<f32>(entry, 12);
      s0 = f32x4.add(s0, f32x4.mul(second, v128.load(then)));
      s1 = f32x4.add(s1, f32x4.mul(second, v128.load(then, 16)));
      s2 = f32x4.add(s2, f32x4.mul(second, v128.load(then, 32)));
      s3 = f32x4.add(s3, f32x4.mul(second, v128.load(then, 48)));
    }
    if (entry < end) {
      const from = x + <usize>load<u32>(entry);
      const value = v128.load_splat<f32>(entry, 4);
      s0 = f32x4.add(s0, f32x4.mul(value, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(value, v128.load(from, 16)));
      s2 = f32x4.add(s2, f32x4.mul(value, v128.load(from, 32)));
      s3 = f32x4.add(s3, f32x4.mul(value, v128.load(from, 48)));
      entry += 8;
    }
    v128.store(y, f32x4.min(high, f32x4.max(low, s0)));
    v128.store(y, f32x4.min(high, f32x4.max(low, s1)), 16);
    v128.store(y, f32x4.min(high, f32x4.max(low, s2)), 32);
    v128.store(y, f32x4.min(high, f32x4.max(low, s3)), 48);
  }
}

function rows8(rows: i32, rowEnds: usize, entries: usize, x: usize, bias: usize, least: f32, most: f32, y: usize, stride: usize): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  let entry = entries;
  for (let m = 0; m < rows; m++, y += stride) {
    const end = entries + (<usize>load<u32>(rowEnds + (<usize>m << 2)) << 3);
    let s0 = bias ? v128.load_splat<f32>(bias + (<usize>m << 2)) : f32x4.splat(0);
    let s1 = s0;
    let t0 = f32x4.splat(0);
    let t1 = t0;
    for (; entry + 8 < end; entry += 16) {
      const from = x + <usize>load<u32>(entry);
      const value = v128.load_splat<f32>(entry, 4);
      s0 = f32x4.add(s0, f32x4.mul(value, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(value, v128.load(from, 16)));
      const then = x + <usize>load<u32>(entry, 8);
      const second = v128.load_splat<f32>(entry, 12);
      t0 = f32x4.add(t0, f32x4.mul(second, v128.load(then)));
      t1 = f32x4.add(t1, f32x4.mul(second, v128.load(then, 16)));
    }
    if (entry < end) {
      const from = x + <usize>load<u32>(entry);
      const value = v128.load_splat<f32>(entry, 4);
      s0 = f32x4.add(s0, f32x4.mul(value, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(value, v128.load(from, 16)));
      entry += 8;
    }
    v128.store(y, f32x4.min(high, f32x4.max(low, f32x4.add(s0, t0))));
    v128.store(y, f32x4.min(high, f32x4.max(low, f32x4.add(s1, t1))), 16);
  }
}

function rows4(rows: i32, rowEnds: usize, entries: usize, x: usize, bias: usize, least: f32, most: f32, y: usize, stride: usize): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  let entry = entries;
  for (let m = 0; m < rows; m++, y += stride) {
    const end = entries + (<usize>load<u32>(rowEnds + (<usize>m << 2)) << 3);
    let s0 = bias ? v128.load_splat<f32>(bias + (<usize>m << 2)) : f32x4.splat(0);
    let s1 = f32x4.splat(0);
    for (; entry + 8 < end; entry += 16) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(entry, 4), v128.load(x + <usize>load<u32>(entry))));
      s1 = f32x4.add(s1, f32x4.mul(v128.load_splat<f32>(entry, 12), v128.load(x + <usize>load<u32>(entry, 8))));
    }
    if (entry < end) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(entry, 4), v128.load(x + <usize>load<u32>(entry))));
      entry += 8;
    }
    v128.store(y, f32x4.min(high, f32x4.max(low, f32x4.add(s0, s1))));
  }
}
