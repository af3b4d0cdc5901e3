// Convolution of 3 × 3 by Winograd's minimal filtering, F(4 × 4, 3 × 3): a square of 4 × 4 outputs takes 36 multiplications for
// each channel and filter instead of 144.
//
//   Y = Aᵀ [ Σ_c (G g_c Gᵀ) ⊙ (Bᵀ d_c B) ] A        d 6 × 6 inputs, g 3 × 3 weights, Y 4 × 4 outputs
//
// G g Gᵀ is made when the weights are put into memory. What is left is, for each of the 36 places of a square, a product of filters
// by channels with channels by tiles: denseConv over "planes" of tiles. Tiles are worked on in blocks of some rows, and filters
// in blocks too, so that what lies between the steps stays in a second-level cache.
//
// Lavin, Gray 2016, "Fast algorithms for convolutional neural networks", section 4; the points are 0, ±1, ±2 and ∞.
// The price: sums of numbers of unlike size, an error of some 10⁻⁶ of the largest output. Plain twin: plainConv2d.
import { denseConv, denseConvScratchBytes } from './dense-conv';

/**
 * @param x - planes of `planeStep` bytes with zeros around, laid out by layOutPlanes with stride 4: rows of 4 phases of `step` floats
 * @param w - f32 [36 places, filters in blocks]: each block packed as for `multiplyAll`
 * @param blockFives, lastFives - of a block of `block` filters, and of the last, which may be smaller
 * @param blockRows - rows of tiles that are worked on together
 * @param y - f32 [filters, height, width]
 * @param scratch - `winogradScratchBytes`
 */
export function winogradConv(
  x: usize, planeStep: usize, step: i32, channels: i32, tileRows: i32, tileColumns: i32,
  w: usize, bias: usize, filters: i32, block: i32, blockFives: i32, lastFives: i32, blockRows: i32,
  y: usize, height: i32, width: i32, least: f32, most: f32,
  scratch: usize,
): void {
  const temporary = scratch;
  const zeros = temporary + SQUARE;
  const taps = zeros + (block << 2);
  const denseScratch = taps + (channels << 2);
  const seen = (denseScratch + denseConvScratchBytes(block) + 15) & ~15;
  for (let i = 0; i < block; i++) store<f32>(zeros + (i << 2), 0);

  const outputPlane = (height * width) << 2;
  for (let first = 0; first < tileRows; first += blockRows) {
    const rows = min(blockRows, tileRows - first);
    const tiles = rows * tileColumns;
    const row = ((tiles + 7) & ~7) << 2; // bytes of a channel's, or a filter's, tiles
    const place = <usize>(channels * row + 16); // from a place of the square to the next: transforms write 12 bytes too far
    const made = (seen + 36 * place + 15) & ~15;
    for (let c = 0; c < channels; c++) store<i32>(taps + (c << 2), c * row);
    transformInputs(x + ((4 * first * 4 * step) << 2), planeStep, step, channels, rows, tileColumns, seen, row, place, temporary);
    let weights = w;
    for (let filter = 0; filter < filters; filter += block) {
      const some = min(block, filters - filter);
      const fives = some == block ? blockFives : lastFives;
      const result = <usize>(some * row + 16);
      for (let i = 0; i < 36; i++) {
        denseConv(
          seen + i * place, 1, row >> 2, row, taps, channels, weights + ((i * some * channels) << 2), zeros, some, fives,
          made + i * result, -Infinity, Infinity, denseScratch,
        );
      }
      transformOutputs(
        made, row, result, some, rows, tileColumns, bias + (filter << 2),
        y + filter * outputPlane, 4 * first, height, width, least, most, temporary,
      );
      weights += (36 * some * channels) << 2;
    }
  }
}

/** A square of 6 × 6 vectors. */
const SQUARE: i32 = 36 * 16;

/** Bytes of scratch memory that `winogradConv` needs. */
export function winogradScratchBytes(channels: i32, tileColumns: i32, block: i32, blockRows: i32): i32 {
  const row = ((blockRows * tileColumns + 7) & ~7) << 2;
  return SQUARE + ((block + channels) << 2) + denseConvScratchBytes(block) + 36 * ((channels + block) * row + 32) + 64;
}

/** seen[6i + j][c][tile] = (Bᵀ d B)[i][j], four tiles of a row at a time. */
function transformInputs(
  x: usize, planeStep: usize, step: i32, channels: i32, rows: i32, columns: i32,
  seen: usize, row: i32, place: usize, temporary: usize,
): void {
  const phase = step << 2; // bytes
  for (let c = 0; c < channels; c++) {
    const to = seen + c * row;
    // Of eight tiles that are multiplied together the last may not exist.
    for (let at = (rows * columns) << 2; at < row; at += 4) {
      for (let i = 0; i < 36; i++) store<f32>(to + i * place + at, 0);
    }
    for (let r = 0; r < rows; r++) {
      for (let tile = 0; tile < columns; tile += 4) {
        const from = x + ((16 * r * step + tile) << 2);
        for (let j = 0; j < 6; j++) {
          transform6(from + (j & 3) * phase + ((j >> 2) << 2), phase << 2, temporary + (j << 4), 96);
        }
        const target = to + ((r * columns + tile) << 2);
        for (let i = 0; i < 6; i++) transform6(temporary + 96 * i, 16, target + 6 * i * place, place);
      }
    }
    x += planeStep;
  }
}

/** Bᵀ times six vectors `from` a step apart; six vectors `to` a step apart. */
@inline
function transform6(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d1 = v128.load(from + fromStep), d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep), d4 = v128.load(from + 4 * fromStep);
  const two = f32x4.splat(2), four = f32x4.splat(4), five = f32x4.splat(5);
  v128.store(to, f32x4.add(f32x4.sub(f32x4.mul(four, v128.load(from)), f32x4.mul(five, d2)), d4));
  const a = f32x4.sub(d4, f32x4.mul(four, d2)), b = f32x4.sub(d3, f32x4.mul(four, d1));
  v128.store(to + toStep, f32x4.add(a, b));
  v128.store(to + 2 * toStep, f32x4.sub(a, b));
  const c = f32x4.sub(d4, d2), e = f32x4.mul(two, f32x4.sub(d3, d1));
  v128.store(to + 3 * toStep, f32x4.add(c, e));
  v128.store(to + 4 * toStep, f32x4.sub(c, e));
  v128.store(to + 5 * toStep, f32x4.add(f32x4.sub(f32x4.mul(four, d1), f32x4.mul(five, d3)), v128.load(from + 5 * fromStep)));
}

/** y = clip(bias + Aᵀ m A) for four tiles of a row at a time. */
function transformOutputs(
  made: usize, row: i32, place: usize, filters: i32, rows: i32, columns: i32, bias: usize,
  y: usize, firstRow: i32, height: i32, width: i32, least: f32, most: f32, temporary: usize,
): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  for (let k = 0; k < filters; k++) {
    const start = v128.load32_splat(bias + (k << 2));
    for (let r = 0; r < rows; r++) {
      const outputRow = firstRow + 4 * r;
      const many = min(4, height - outputRow);
      for (let tile = 0; tile < columns; tile += 4) {
        const from = made + k * row + ((r * columns + tile) << 2);
        for (let j = 0; j < 6; j++) transform4(from + j * place, 6 * place, temporary + (j << 4), 96);
        const left = width - 4 * tile;
        const to = y + ((outputRow * width + 4 * tile) << 2);
        for (let i = 0; i < many; i++) {
          transform4(temporary + 96 * i, 16, temporary + 96 * i, 16);
          // Four tiles side by side for each column of a tile: turned round, the 16 numbers of a row.
          const at = temporary + 96 * i;
          const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
          const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
          const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7), cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
          const here = to + ((i * width) << 2);
          storeSome(here, finish(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), start, low, high), left);
          storeSome(here + 16, finish(v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), start, low, high), left - 4);
          storeSome(here + 32, finish(v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5), start, low, high), left - 8);
          storeSome(here + 48, finish(v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7), start, low, high), left - 12);
        }
      }
    }
    y += (height * width) << 2;
  }
}

@inline
function finish(sum: v128, start: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.add(sum, start), low), high);
}

/** Stores what of four numbers lies inside the row. */
@inline
function storeSome(to: usize, numbers: v128, left: i32): void {
  if (left >= 4) v128.store(to, numbers);
  else if (left > 0) {
    store<f32>(to, f32x4.extract_lane(numbers, 0));
    if (left > 1) store<f32>(to, f32x4.extract_lane(numbers, 1), 4);
    if (left > 2) store<f32>(to, f32x4.extract_lane(numbers, 2), 8);
  }
}

/** Aᵀ times six vectors `from` a step apart; four vectors `to` a step apart, which may be the same place. */
@inline
function transform4(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m0 = v128.load(from), m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep), m5 = v128.load(from + 5 * fromStep);
  const s = f32x4.add(m1, m2), d = f32x4.sub(m1, m2), u = f32x4.add(m3, m4), v = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(m0, f32x4.add(s, u)));
  v128.store(to + toStep, f32x4.add(d, f32x4.add(v, v)));
  v128.store(to + 2 * toStep, f32x4.add(s, f32x4.mul(f32x4.splat(4), u)));
  v128.store(to + 3 * toStep, f32x4.add(f32x4.add(d, f32x4.mul(f32x4.splat(8), v)), m5));
}
