// Convolution by Winograd's minimal filtering, F(m × m, r × r) with m + r = 7: a square of m × m outputs takes 36 multiplications for
// each channel and filter, instead of m² r²: 144 for windows of 3 × 3, 100 for 5 × 5.
//
//   Y = Aᵀ [ Σ_c (G g_c Gᵀ) ⊙ (Bᵀ d_c B) ] A        d 6 × 6 inputs, g r × r weights, Y m × m outputs
//
// A convolution of stride s is one of stride 1 over s² times as many channels, each with every s-th row and column, and with
// windows an s-th as large. So 7 × 7 with stride 2 is 4 × 4, and 11 × 11 with stride 4 is 3 × 3.
//
// G g Gᵀ is made when the weights are put into memory. What is left is, for each of the 36 places of a square, a product of filters
// by channels with channels by tiles: denseConv over "planes" of tiles. Tiles are worked on in blocks of some rows, and filters
// in blocks too, so that what lies between the steps stays in a second-level cache.
//
// Lavin, Gray 2016, "Fast algorithms for convolutional neural networks", section 4; the points are 0, ±1, ±2 and ∞.
// The price: sums of numbers of unlike size, an error of some 10⁻⁶ of the largest output. Plain twin: plainConv2d.
import { denseConv, denseConvScratchBytes } from './dense-conv';

/**
 * @param x - planes of `planeStep` bytes with zeros around, laid out by layOutPlanes with stride m · s: as many phases a row, of
 *   `step` floats each
 * @param m - outputs of a tile along an axis: 2, 3 or 4
 * @param above - rows of tiles that others compute: those of x and `tileRows` come after them in y
 * @param s - the stride
 * @param w - f32 [36 places, filters in blocks]: each block packed as for `multiplyAll`
 * @param blockFives, lastFives - of a block of `block` filters, and of the last, which may be smaller
 * @param blockRows - rows of tiles that are worked on together
 * @param y - f32 [filters, height, width]
 * @param scratch - `winogradScratchBytes`
 */
export function winogradConv(
  x: usize, planeStep: usize, step: i32, planes: i32, m: i32, s: i32, above: i32, tileRows: i32, tileColumns: i32,
  w: usize, bias: usize, filters: i32, block: i32, blockFives: i32, lastFives: i32, blockRows: i32,
  y: usize, height: i32, width: i32, least: f32, most: f32,
  scratch: usize,
): void {
  const channels = planes * s * s;
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
    transformInputs(x, planeStep, step, planes, m, s, first, rows, tileColumns, seen, row, place, temporary);
    let weights = w;
    for (let filter = 0; filter < filters; filter += block) {
      const some = min(block, filters - filter);
      const fives = some == block ? blockFives : lastFives;
      const result = <usize>(some * row + 16);
      for (let i = 0; i < 36; i++) {
        denseConv(
          seen + i * place, 1, row >> 2, row, taps, channels, weights + ((i * some * channels) << 2), zeros, some, fives,
          made + i * result, row, -Infinity, Infinity, denseScratch,
        );
      }
      transformOutputs(
        made, row, result, some, m, rows, tileColumns, bias + (filter << 2),
        y + filter * outputPlane, m * (above + first), height, width, least, most, temporary,
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

/** seen[6i + j][c][tile] = (Bᵀ d B)[i][j], four tiles of a row at a time. Channels are planes by rows and columns left out. */
function transformInputs(
  x: usize, planeStep: usize, step: i32, planes: i32, m: i32, s: i32, first: i32, rows: i32, columns: i32,
  seen: usize, row: i32, place: usize, temporary: usize,
): void {
  const phases = m * s;
  const rowBytes = (phases * step) << 2;
  let to = seen;
  for (let c = 0; c < planes; c++) {
    for (let down = 0; down < s; down++) {
      for (let across = 0; across < s; across++) {
        // Of eight tiles that are multiplied together the last may not exist.
        for (let at = (rows * columns) << 2; at < row; at += 4) {
          for (let i = 0; i < 36; i++) store<f32>(to + i * place + at, 0);
        }
        for (let r = 0; r < rows; r++) {
          const above = x + (phases * (first + r) + down) * rowBytes;
          for (let tile = 0; tile < columns; tile += 4) {
            for (let j = 0; j < 6; j++) {
              const column = s * j + across;
              const turns = column / phases; // columns of a tile reach into the next one
              const from = above + (((column - turns * phases) * step + tile + turns) << 2);
              transform6(from, s * rowBytes, temporary + (j << 4), 96);
            }
            const target = to + ((r * columns + tile) << 2);
            for (let i = 0; i < 6; i++) transform6(temporary + 96 * i, 16, target + 6 * i * place, place);
          }
        }
        to += row;
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
  made: usize, row: i32, place: usize, filters: i32, m: i32, rows: i32, columns: i32, bias: usize,
  y: usize, firstRow: i32, height: i32, width: i32, least: f32, most: f32, temporary: usize,
): void {
  const low = f32x4.splat(least), high = f32x4.splat(most);
  for (let k = 0; k < filters; k++) {
    const start = v128.load32_splat(bias + (k << 2));
    for (let r = 0; r < rows; r++) {
      const outputRow = firstRow + m * r;
      const many = min(m, height - outputRow);
      for (let tile = 0; tile < columns; tile += 4) {
        const from = made + k * row + ((r * columns + tile) << 2);
        for (let j = 0; j < 6; j++) transformBack(m, from + j * place, 6 * place, temporary + (j << 4), 96);
        const left = width - m * tile;
        let to = y + ((outputRow * width + m * tile) << 2);
        for (let i = 0; i < many; i++, to += width << 2) {
          const at = temporary + 96 * i;
          transformBack(m, at, 16, at, 16);
          // Four tiles side by side for each column of a tile: turned round, the 4m numbers of a row.
          const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
          if (m == 4) {
            const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
            const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7), cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
            storeSome(to, finish(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), start, low, high), left);
            storeSome(to + 16, finish(v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), start, low, high), left - 4);
            storeSome(to + 32, finish(v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5), start, low, high), left - 8);
            storeSome(to + 48, finish(v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7), start, low, high), left - 12);
          } else if (m == 3) {
            // a0 b0 c0 a1 | b1 c1 a2 b2 | c2 a3 b3 c3
            const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5); // a0 b0 a1 b1
            const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7); // a2 b2 a3 b3
            const first = v128.shuffle<f32>(ab, c, 0, 1, 4, 2);
            const second = v128.shuffle<f32>(v128.shuffle<f32>(ab, c, 3, 5, 3, 5), ab2, 0, 1, 4, 5);
            const third = v128.shuffle<f32>(ab2, c, 6, 2, 3, 7);
            storeSome(to, finish(first, start, low, high), left);
            storeSome(to + 16, finish(second, start, low, high), left - 4);
            storeSome(to + 32, finish(third, start, low, high), left - 8);
          } else {
            storeSome(to, finish(v128.shuffle<f32>(a, b, 0, 4, 1, 5), start, low, high), left);
            storeSome(to + 16, finish(v128.shuffle<f32>(a, b, 2, 6, 3, 7), start, low, high), left - 4);
          }
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

/**
 * Aᵀ times six vectors `from` a step apart; m vectors `to` a step apart, which may be the same place.
 *
 * Row i of Aᵀ holds the i-th powers of the points; infinity, m5, counts in the last row alone.
 */
@inline
function transformBack(m: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m0 = v128.load(from), m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep), m5 = v128.load(from + 5 * fromStep);
  const s = f32x4.add(m1, m2), d = f32x4.sub(m1, m2), u = f32x4.add(m3, m4), v = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(m0, f32x4.add(s, u)));
  const y1 = f32x4.add(d, f32x4.add(v, v));
  if (m == 2) {
    v128.store(to + toStep, f32x4.add(y1, m5));
    return;
  }
  v128.store(to + toStep, y1);
  const y2 = f32x4.add(s, f32x4.mul(f32x4.splat(4), u));
  if (m == 3) {
    v128.store(to + 2 * toStep, f32x4.add(y2, m5));
    return;
  }
  v128.store(to + 2 * toStep, y2);
  v128.store(to + 3 * toStep, f32x4.add(f32x4.add(d, f32x4.mul(f32x4.splat(8), v)), m5));
}
