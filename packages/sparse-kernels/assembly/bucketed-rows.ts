// Nonzeros of a row grouped by the value they share: chunks of eight columns with one code. Plain twin: src/bucketed-rows.ts.
import { WINDOW } from './window';

/**
 * y[m] = clip(bias[m] + Σ codebook[codes[c]] · Σ x[offsets[8c + i]]) over the chunks c of row m: eight gathered inputs are
 * added up and multiplied once. No chain of indices, no multiplication and no code for each nonzero.
 *
 * x is in the window. Its address being a constant saves one of five operations for each nonzero, a sixth of the time.
 *
 * @param chunkEnds - u32 [rows]: where the chunks of each row end
 * @param first - the first chunk of row 0
 * @param codes - u8 [chunks]
 * @param offsets - u16 [8 · chunks]: bytes from x, so the last column is 16382; what fills a chunk up points at a zero behind x
 * @param bias - f32 [rows], or 0 for none
 * @param least - 0 for ReLU, −∞ for none
 */
export function bucketedRows(
  rows: i32, chunkEnds: usize, first: i32, codes: usize, offsets: usize, codebook: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  let code = codes + <usize>first;
  let at = offsets + (<usize>first << 4);
  for (let m = 0; m < rows; m++) {
    const end = codes + <usize>load<u32>(chunkEnds + (<usize>m << 2));
    let sum = bias ? load<f32>(bias + (<usize>m << 2)) : 0;
    for (; code < end; code++, at += 16) {
      const a = load<u32>(at);
      const b = load<u32>(at, 4);
      const c = load<u32>(at, 8);
      const d = load<u32>(at, 12);
      const ab = windowLow(a) + windowHigh(a) + (windowLow(b) + windowHigh(b));
      const cd = windowLow(c) + windowHigh(c) + (windowLow(d) + windowHigh(d));
      sum += load<f32>(codebook + (<usize>load<u8>(code) << 2)) * (ab + cd);
    }
    store<f32>(y + (<usize>m << 2), min<f32>(most, max<f32>(least, sum)));
  }
}

@inline
function windowLow(pair: u32): f32 {
  return load<f32>(<usize>(pair & 0xffff), WINDOW);
}

@inline
function windowHigh(pair: u32): f32 {
  return load<f32>(<usize>(pair >> 16), WINDOW);
}

/** The same with x anywhere, for memories that have no window. */
export function bucketedRowsAt(
  rows: i32, chunkEnds: usize, first: i32, codes: usize, offsets: usize, codebook: usize, x: usize, bias: usize, least: f32, most: f32,
  y: usize,
): void {
  let code = codes + <usize>first;
  let at = offsets + (<usize>first << 4);
  for (let m = 0; m < rows; m++) {
    const end = codes + <usize>load<u32>(chunkEnds + (<usize>m << 2));
    let sum = bias ? load<f32>(bias + (<usize>m << 2)) : 0;
    for (; code < end; code++, at += 16) {
      const ab = input(x, at) + input(x, at + 2) + (input(x, at + 4) + input(x, at + 6));
      const cd = input(x, at + 8) + input(x, at + 10) + (input(x, at + 12) + input(x, at + 14));
      sum += load<f32>(codebook + (<usize>load<u8>(code) << 2)) * (ab + cd);
    }
    store<f32>(y + (<usize>m << 2), min<f32>(most, max<f32>(least, sum)));
  }
}

@inline
function input(x: usize, at: usize): f32 {
  return load<f32>(x + <usize>load<u16>(at));
}
