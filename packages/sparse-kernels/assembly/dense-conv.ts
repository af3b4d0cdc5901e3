// Convolution of planes with all weights: a matrix product whose right side is never unfolded in memory.
//
//   y[k, p] = clip(bias[k] + Σ_t  w[k, t] · x[taps[t] + start(p)])     t over channels and the window, p over output pixels
//
// An output pixel p = (row, column) sees the input at start(p) = row · rowStep + column · 4 bytes: planes are laid out
// so beforehand (dense-planes.ts: zeros around them, and with stride s each s-th column beside the next), that neighbours in
// the output are neighbours in memory.
//
// The blocking is that of Goto and van de Geijn (2008): 16 pixels are packed depth by depth into a first-level cache, then all
// filters go over them. Plain twin: src/dense/plain.ts.
import { multiplyAll } from './dense-product';

/** The deepest block. 320: 16 pixels (20 kB) and five filters (6 kB) stay in a first-level cache of 32 kB. */
const DEPTH: i32 = 320;

/** Bytes of scratch memory that `denseConv` needs: two panels of 8 pixels, and a tile of 8 pixels of all filters. */
export function denseConvScratchBytes(filters: i32): i32 {
  return (DEPTH * 16 + filters * 8) << 2;
}

/**
 * @param x - planes, readable 32 bytes beyond their end
 * @param taps - i32 [depth]: bytes from an output pixel's start to each of the inputs it sums over
 * @param w - f32, filters in panels: see `multiplyAll`
 * @param bias - f32 [filters]
 * @param y - f32 [filters, rows · columns], rows of it `planeBytes` apart: of a larger map this may be a part
 */
export function denseConv(
  x: usize, rows: i32, columns: i32, rowStep: i32,
  taps: usize, depth: i32,
  w: usize, bias: usize, filters: i32, fives: i32,
  y: usize, planeBytes: usize, least: f32, most: f32,
  scratch: usize,
): void {
  const pixels = rows * columns;
  const tile = scratch + ((DEPTH * 16) << 2);
  // Blocks of one depth, rather than a small one at the end.
  const blocks = (depth + DEPTH - 1) / DEPTH;
  const block = (depth + blocks - 1) / blocks;
  for (let from = 0; from < depth; from += block) {
    const some = min(block, depth - from);
    const isCut = from + some == depth && (least > -Infinity || most < Infinity);
    const start = from == 0 ? bias : 0;
    const tapsHere = taps + (from << 2);
    let pixel = 0;
    for (; pixel + 8 <= pixels; ) {
      const target = y + (pixel << 2);
      const second = scratch + (<usize>some << 5);
      let panels = 1;
      if (packSixteen(scratch, second, x, columns, rowStep, pixel, tapsHere, some)) panels = 2;
      else {
        packPixels(scratch, x, columns, rowStep, pixel, 8, tapsHere, some);
        if (pixel + 16 <= pixels) {
          packPixels(second, x, columns, rowStep, pixel + 8, 8, tapsHere, some);
          panels = 2;
        }
      }
      pixel += panels << 3;
      multiplyAll(
        filters, fives, some, w, <usize>depth << 2, from, scratch, panels, target, planeBytes, start, isCut, least, most,
      );
    }
    if (pixel < pixels) {
      const count = pixels - pixel;
      const target = y + (pixel << 2);
      packPixels(scratch, x, columns, rowStep, pixel, count, tapsHere, some);
      if (from > 0) copyTile(target, planeBytes, tile, 32, filters, count);
      multiplyAll(filters, fives, some, w, <usize>depth << 2, from, scratch, 1, tile, 32, start, isCut, least, most);
      copyTile(tile, 32, target, planeBytes, filters, count);
    }
  }
}

/** Differs from `packPixels` in looking at each plane once for sixteen pixels, if these are in one row. */
function packSixteen(
  to: usize, second: usize, x: usize, columns: i32, rowStep: i32, pixel: i32, taps: usize, depth: i32,
): boolean {
  const row = pixel / columns;
  const column = pixel - row * columns;
  if (column + 16 > columns) return false;
  const start = x + row * rowStep + (column << 2);
  for (const end = taps + (depth << 2); taps < end; taps += 4, to += 32, second += 32) {
    const from = start + load<i32>(taps);
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(second, v128.load(from, 32));
    v128.store(second, v128.load(from, 48), 16);
  }
  return true;
}

/**
 * Copies what 8 pixels see, depth by depth: to[t][i] = x[taps[t] + start(pixel + i)].
 *
 * Pixels that do not exist become whatever is convenient to read: what they give is never copied to the output.
 */
function packPixels(to: usize, x: usize, columns: i32, rowStep: i32, pixel: i32, count: i32, taps: usize, depth: i32): void {
  const row = pixel / columns;
  const column = pixel - row * columns;
  const end = taps + (depth << 2);
  const left = columns - column; // > 0 pixels of this row
  const front0 = x + row * rowStep + (column << 2);
  if (left >= 8) {
    for (; taps < end; taps += 4, to += 32) {
      const from = front0 + load<i32>(taps);
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  if (columns < 4 || count < 8) {
    for (let i = 0; i < count; i++) {
      const above = (pixel + i) / columns;
      gatherPixel(to + (i << 2), x + above * rowStep + ((pixel + i - above * columns) << 2), taps, depth);
    }
    return;
  }
  // Of four pixels some end a row and the others begin the next: a vector whose lanes come from two.
  const back0 = x + (row + 1) * rowStep - (left << 2);
  const mask0 = lanesBelow(left);
  const row1 = left < 4 ? row + 1 : row;
  const column1 = left < 4 ? 4 - left : column + 4;
  const left1 = columns - column1; // 0 if the second four begin a row
  const front1 = x + row1 * rowStep + (column1 << 2);
  const back1 = left1 < 4 ? x + (row1 + 1) * rowStep - (left1 << 2) : front1;
  const mask1 = lanesBelow(left1);
  for (; taps < end; taps += 4, to += 32) {
    const tap = load<i32>(taps);
    v128.store(to, v128.bitselect(v128.load(front0 + tap), v128.load(back0 + tap), mask0));
    v128.store(to, v128.bitselect(v128.load(front1 + tap), v128.load(back1 + tap), mask1), 16);
  }
}

/** All bits of the lanes whose number is below `count`. */
@inline
function lanesBelow(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
}

function gatherPixel(to: usize, from: usize, taps: usize, depth: i32): void {
  for (const end = taps + (depth << 2); taps < end; taps += 4, to += 32) store<f32>(to, load<f32>(from + load<i32>(taps)));
}

/** Copies rows of `count` ≤ 8 floats. */
function copyTile(from: usize, fromStep: usize, to: usize, toStep: usize, rows: i32, count: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < count; j++) store<f32>(to + (j << 2), load<f32>(from + (j << 2)));
    from += fromStep;
    to += toStep;
  }
}
