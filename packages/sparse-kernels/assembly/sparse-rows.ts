// Rows of nonzeros times many columns of x at once: convolutions over planes, and batches. Plain twin: src/sparse-rows.ts.

/**
 * y[m][i] = clip(bias[m] + Σ value · x[offset + 4i]) for i < count, over the entries (offset, value) of row m.
 *
 * In a convolution, i is a pixel and the offset leads to the plane and the shift of the kernel's element; in a batch, i is a sample
 * and the offset leads to the line of an input. Sums of 24 stay in registers: six vectors and not more, as an engine that loads all
 * before it multiplies spills otherwise. A few such blocks go over all rows before the next few do, so that what they read of x stays
 * in the first cache; they are more than one so that the length of a row is guessed wrongly only once for all of them.
 *
 * The last block is the smallest that covers what is left, and begins earlier if it is larger than that: nothing behind `count` is
 * touched, unless `count` is less than 4; then 4 are.
 *
 * @param rowEnds - u32 [rows]: where the entries of each row end
 * @param entries - [nonzeros] of (u32 offset in bytes, f32 value)
 * @param together - blocks of 24 that go over all rows
 * @param bias - f32 [rows], or 0 for none
 * @param least - 0 for ReLU, −∞ for none
 * @param isMore - whether sums go on from what y is, rather than from the bias; then `count` is a multiple of 4
 * @param stride - bytes from row to row of y
 */
export function sparseRows(
  rows: i32, rowEnds: usize, entries: usize, x: usize, count: i32, together: i32, bias: usize, least: f32, most: f32, isMore: bool,
  y: usize, stride: usize,
): void {
  let i = 0;
  for (; i + 24 <= count; ) {
    const blocks = min(together, (count - i) / 24);
    rows24(rows, rowEnds, entries, x + (<usize>i << 2), blocks, bias, least, most, isMore, y + (<usize>i << 2), stride);
    i += 24 * blocks;
  }
  while (i < count) {
    const left = count - i;
    let block = left > 16 ? 24 : left > 8 ? 16 : left > 4 ? 8 : 4;
    // Sums that go on must not be added to twice.
    if (block > count || (isMore && block > left)) block = block == 24 ? 16 : block == 16 ? 8 : 4;
    const first = left < block && count >= block && !isMore ? count - block : i;
    const from = x + (<usize>first << 2);
    const to = y + (<usize>first << 2);
    if (block == 24) rows24(rows, rowEnds, entries, from, 1, bias, least, most, isMore, to, stride);
    else if (block == 16) rows16(rows, rowEnds, entries, from, bias, least, most, isMore, to, stride);
    else if (block == 8) rows8(rows, rowEnds, entries, from, bias, least, most, isMore, to, stride);
    else rows4(rows, rowEnds, entries, from, bias, least, most, isMore, to, stride);
    i = first + block;
  }
}

/** NaN stays NaN, and unlike min and max these are one instruction each. */
@inline
function clip(sum: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(sum, low), high);
}

function rows24(
  rows: i32, rowEnds: usize, entries: usize, x: usize, blocks: i32, bias: usize, least: f32, most: f32, isMore: bool, y: usize, stride: usize,
): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  const blocksEnd = x + <usize>blocks * 96;
  let start = entries;
  for (let m = 0; m < rows; m++, y += stride) {
    const end = entries + (<usize>load<u32>(rowEnds + (<usize>m << 2)) << 3);
    const first = bias ? v128.load_splat<f32>(bias + (<usize>m << 2)) : f32x4.splat(0);
    let to = y;
    for (let block = x; block < blocksEnd; block += 96, to += 96) {
      let s0 = isMore ? v128.load(to, 0) : first;
      let s1 = isMore ? v128.load(to, 16) : first;
      let s2 = isMore ? v128.load(to, 32) : first;
      let s3 = isMore ? v128.load(to, 48) : first;
      let s4 = isMore ? v128.load(to, 64) : first;
      let s5 = isMore ? v128.load(to, 80) : first;
      for (let entry = start; entry < end; entry += 8) {
        const from = block + <usize>load<u32>(entry);
        const value = v128.load_splat<f32>(entry, 4);
        s0 = f32x4.add(s0, f32x4.mul(value, v128.load(from)));
        s1 = f32x4.add(s1, f32x4.mul(value, v128.load(from, 16)));
        s2 = f32x4.add(s2, f32x4.mul(value, v128.load(from, 32)));
        s3 = f32x4.add(s3, f32x4.mul(value, v128.load(from, 48)));
        s4 = f32x4.add(s4, f32x4.mul(value, v128.load(from, 64)));
        s5 = f32x4.add(s5, f32x4.mul(value, v128.load(from, 80)));
      }
      v128.store(to, clip(s0, low, high));
      v128.store(to, clip(s1, low, high), 16);
      v128.store(to, clip(s2, low, high), 32);
      v128.store(to, clip(s3, low, high), 48);
      v128.store(to, clip(s4, low, high), 64);
      v128.store(to, clip(s5, low, high), 80);
    }
    start = end;
  }
}

function rows16(rows: i32, rowEnds: usize, entries: usize, x: usize, bias: usize, least: f32, most: f32, isMore: bool, y: usize, stride: usize): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  let entry = entries;
  for (let m = 0; m < rows; m++, y += stride) {
    const end = entries + (<usize>load<u32>(rowEnds + (<usize>m << 2)) << 3);
    const first = bias ? v128.load_splat<f32>(bias + (<usize>m << 2)) : f32x4.splat(0);
    let s0 = isMore ? v128.load(y) : first;
    let s1 = isMore ? v128.load(y, 16) : first;
    let s2 = isMore ? v128.load(y, 32) : first;
    let s3 = isMore ? v128.load(y, 48) : first;
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
    v128.store(y, clip(s0, low, high));
    v128.store(y, clip(s1, low, high), 16);
    v128.store(y, clip(s2, low, high), 32);
    v128.store(y, clip(s3, low, high), 48);
  }
}

function rows8(rows: i32, rowEnds: usize, entries: usize, x: usize, bias: usize, least: f32, most: f32, isMore: bool, y: usize, stride: usize): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  let entry = entries;
  for (let m = 0; m < rows; m++, y += stride) {
    const end = entries + (<usize>load<u32>(rowEnds + (<usize>m << 2)) << 3);
    const first = bias ? v128.load_splat<f32>(bias + (<usize>m << 2)) : f32x4.splat(0);
    let s0 = isMore ? v128.load(y) : first;
    let s1 = isMore ? v128.load(y, 16) : first;
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
    v128.store(y, clip(f32x4.add(s0, t0), low, high));
    v128.store(y, clip(f32x4.add(s1, t1), low, high), 16);
  }
}

function rows4(rows: i32, rowEnds: usize, entries: usize, x: usize, bias: usize, least: f32, most: f32, isMore: bool, y: usize, stride: usize): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  let entry = entries;
  for (let m = 0; m < rows; m++, y += stride) {
    const end = entries + (<usize>load<u32>(rowEnds + (<usize>m << 2)) << 3);
    let s0 = isMore ? v128.load(y) : bias ? v128.load_splat<f32>(bias + (<usize>m << 2)) : f32x4.splat(0);
    let s1 = f32x4.splat(0);
    for (; entry + 8 < end; entry += 16) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(entry, 4), v128.load(x + <usize>load<u32>(entry))));
      s1 = f32x4.add(s1, f32x4.mul(v128.load_splat<f32>(entry, 12), v128.load(x + <usize>load<u32>(entry, 8))));
    }
    if (entry < end) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load_splat<f32>(entry, 4), v128.load(x + <usize>load<u32>(entry))));
      entry += 8;
    }
    v128.store(y, clip(f32x4.add(s0, s1), low, high));
  }
}
