// The innermost product of dense layers on planes: some filters times eight pixels, depth by depth.
//
//   y[k, p] = clip(bias[k] or y[k, p] + Σ_t  w[t, k] · x[t, p])     k < 1, 2, 3 or 5 filters, p < 8 pixels
//
// The sums stay in registers. How many filters at a time was measured, on V8 and an AMD EPYC of 3.2 GHz, out of a first-level
// cache, in 10^9 multiplications a second: 5 filters 25.1 (the processor's two multipliers and two adders allow 25.6),
// 3 filters two depths at a time 24.1, 4 filters 21.0, 4 filters two depths at a time 16.7, 6 filters 13.5 (they spill).
// So filters go by fives and threes, which make up every number from 8 on.
//
// Both traps below halve the speed, as V8 then no longer keeps the sums in registers: the optimiser of AssemblyScript inlines what
// is called once, which an export prevents (assembly/dense.ts); and sums must be stored as they are, see `clip`.

/**
 * All filters times one or more panels of eight pixels, which lie one behind the other in x and side by side in y.
 *
 * @param fives - filters go by fives so many times, then by threes; what cannot leaves 1 or 2
 * @param w - f32, filters in panels of 5, 3, 2 or 1: [panels, whole depth, width of the panel]
 * @param wStep - bytes of a filter in w, over its whole depth
 * @param first - of the depth that this block begins with
 * @param x - f32 [panels, depth, 8]
 * @param step - bytes from a filter's row of y to the next
 * @param bias - f32 [filters], or 0: what is in y is added to
 * @param isCut - whether y is finished by this block of depth, and cut off below and above
 */
export function multiplyAll(
  filters: i32, fives: i32, depth: i32, w: usize, wStep: usize, first: usize, x: usize, panels: i32,
  y: usize, step: usize, bias: usize, isCut: boolean, least: f32, most: f32,
): void {
  const xStep = <usize>depth << 5;
  const xEnd = x + xStep * panels;
  let filter = 0;
  while (filter < filters) {
    const left = filters - filter;
    const many = filter < 5 * fives ? 5 : min(left, 3);
    const from = w + (first << 2) * many;
    for (let at = x, to = y; at < xEnd; at += xStep, to += 32) {
      if (many == 5) multiply5(depth, from, at, to, step, bias);
      else if (many == 3) multiply3(depth, from, at, to, step, bias);
      else if (many == 2) multiply2(depth, from, at, to, step, bias);
      else multiply1(depth, from, at, to, step, bias);
    }
    if (isCut) clip(y, panels << 5, step, many, least, most);
    w += many * wStep;
    y += many * step;
    if (bias) bias += many << 2;
    filter += many;
  }
}

/**
 * Cuts off what lies below `least` and above `most`, in some rows of so many bytes.
 *
 * Done to numbers in memory: at the end of the functions below it would cost them half of their speed, since V8 then no longer
 * keeps the sums in registers.
 */
function clip(y: usize, bytes: usize, step: usize, rows: i32, least: f32, most: f32): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  for (let i = 0; i < rows; i++, y += step) {
    for (let at = y, end = y + bytes; at < end; at += 16) {
      v128.store(at, f32x4.pmin(f32x4.pmax(v128.load(at), low), high));
    }
  }
}

/** 5 filters: 10 sums, the most that fit beside 2 of x, 1 of w and a product. */
export function multiply5(depth: i32, w: usize, x: usize, y: usize, step: usize, bias: usize): void {
  const row1 = y + step;
  const row2 = row1 + step;
  const row3 = row2 + step;
  const row4 = row3 + step;
  let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128, c40: v128, c41: v128;
  if (bias) {
    c00 = v128.load32_splat(bias); c01 = c00;
    c10 = v128.load32_splat(bias, 4); c11 = c10;
    c20 = v128.load32_splat(bias, 8); c21 = c20;
    c30 = v128.load32_splat(bias, 12); c31 = c30;
    c40 = v128.load32_splat(bias, 16); c41 = c40;
  } else {
    c00 = v128.load(y); c01 = v128.load(y, 16);
    c10 = v128.load(row1); c11 = v128.load(row1, 16);
    c20 = v128.load(row2); c21 = v128.load(row2, 16);
    c30 = v128.load(row3); c31 = v128.load(row3, 16);
    c40 = v128.load(row4); c41 = v128.load(row4, 16);
  }
  const end = x + (<usize>depth << 5);
  while (x < end) {
    const b0 = v128.load(x), b1 = v128.load(x, 16);
    let a = v128.load32_splat(w);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 4);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 8);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 12);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 16);
    c40 = f32x4.add(c40, f32x4.mul(a, b0));
    c41 = f32x4.add(c41, f32x4.mul(a, b1));
    w += 20;
    x += 32;
  }
  v128.store(y, c00); v128.store(y, c01, 16);
  v128.store(row1, c10); v128.store(row1, c11, 16);
  v128.store(row2, c20); v128.store(row2, c21, 16);
  v128.store(row3, c30); v128.store(row3, c31, 16);
  v128.store(row4, c40); v128.store(row4, c41, 16);
}

/** 3 filters: two depths at a time, as fewer sums leave room. */
export function multiply3(depth: i32, w: usize, x: usize, y: usize, step: usize, bias: usize): void {
  const row1 = y + step;
  const row2 = row1 + step;
  let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128;
  if (bias) {
    c00 = v128.load32_splat(bias); c01 = c00;
    c10 = v128.load32_splat(bias, 4); c11 = c10;
    c20 = v128.load32_splat(bias, 8); c21 = c20;
  } else {
    c00 = v128.load(y); c01 = v128.load(y, 16);
    c10 = v128.load(row1); c11 = v128.load(row1, 16);
    c20 = v128.load(row2); c21 = v128.load(row2, 16);
  }
  const end = x + (<usize>depth << 5);
  const evenEnd = end - 32;
  while (x < evenEnd) {
    let b0 = v128.load(x), b1 = v128.load(x, 16);
    let a = v128.load32_splat(w);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 4);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 8);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    b0 = v128.load(x, 32), b1 = v128.load(x, 48);
    a = v128.load32_splat(w, 12);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 16);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 20);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    w += 24;
    x += 64;
  }
  if (x < end) {
    const b0 = v128.load(x), b1 = v128.load(x, 16);
    let a = v128.load32_splat(w);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 4);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 8);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
  }
  v128.store(y, c00); v128.store(y, c01, 16);
  v128.store(row1, c10); v128.store(row1, c11, 16);
  v128.store(row2, c20); v128.store(row2, c21, 16);
}

/** 2 filters, for what 5 and 3 leave. */
export function multiply2(depth: i32, w: usize, x: usize, y: usize, step: usize, bias: usize): void {
  const row1 = y + step;
  let c00: v128, c01: v128, c10: v128, c11: v128;
  if (bias) {
    c00 = v128.load32_splat(bias); c01 = c00;
    c10 = v128.load32_splat(bias, 4); c11 = c10;
  } else {
    c00 = v128.load(y); c01 = v128.load(y, 16);
    c10 = v128.load(row1); c11 = v128.load(row1, 16);
  }
  const end = x + (<usize>depth << 5);
  const evenEnd = end - 32;
  while (x < evenEnd) {
    let b0 = v128.load(x), b1 = v128.load(x, 16);
    let a = v128.load32_splat(w);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 4);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    b0 = v128.load(x, 32), b1 = v128.load(x, 48);
    a = v128.load32_splat(w, 8);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 12);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    w += 16;
    x += 64;
  }
  if (x < end) {
    const b0 = v128.load(x), b1 = v128.load(x, 16);
    let a = v128.load32_splat(w);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load32_splat(w, 4);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
  }
  v128.store(y, c00); v128.store(y, c01, 16);
  v128.store(row1, c10); v128.store(row1, c11, 16);
}

/** 1 filter, for what is left. */
export function multiply1(depth: i32, w: usize, x: usize, y: usize, step: usize, bias: usize): void {
  let c00: v128, c01: v128;
  if (bias) {
    c00 = v128.load32_splat(bias); c01 = c00;
  } else {
    c00 = v128.load(y); c01 = v128.load(y, 16);
  }
  const end = x + (<usize>depth << 5);
  const evenEnd = end - 32;
  while (x < evenEnd) {
    let b0 = v128.load(x), b1 = v128.load(x, 16);
    let a = v128.load32_splat(w);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    b0 = v128.load(x, 32), b1 = v128.load(x, 48);
    a = v128.load32_splat(w, 4);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    w += 8;
    x += 64;
  }
  if (x < end) {
    const b0 = v128.load(x), b1 = v128.load(x, 16);
    const a = v128.load32_splat(w);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
  }
  v128.store(y, c00); v128.store(y, c01, 16);
}
