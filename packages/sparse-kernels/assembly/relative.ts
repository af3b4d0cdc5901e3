// EIE's form: each nonzero says how many zeros it skips, and which value of the codebook it has. Plain twin: src/relative.ts.
//
// 4-bit gaps and codes share a byte, gap above code; the weight comes from a table of 256 that the whole byte looks up.
// Filler entries (code 0, weight 0) bridge gaps that are too long and fill each line of the matrix up to a multiple of four.

/**
 * y[m] = clip(bias[m] + Σ weights[byte] · x[p]) over the bytes of row m, where p goes forward by 1 + the byte's gap.
 *
 * @param ends - u32 [rows]: where the bytes of each row end; a multiple of 4
 * @param weights - f32 [256]: of byte b, codebook[b & 15]
 * @param x - f32 [columns + 4], the last ones finite: fillers look there, too
 */
export function relativeRows(
  rows: i32, ends: usize, bytes: usize, weights: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  let at = bytes;
  for (let m = 0; m < rows; m++) {
    const end = bytes + <usize>load<u32>(ends + (<usize>m << 2));
    let sum0 = bias ? load<f32>(bias + (<usize>m << 2)) : 0;
    let sum1: f32 = 0;
    let p = x - 4;
    for (; at < end; at += 4) {
      const b0 = <usize>load<u8>(at);
      const b1 = <usize>load<u8>(at, 1);
      const b2 = <usize>load<u8>(at, 2);
      const b3 = <usize>load<u8>(at, 3);
      const p0 = p + ((b0 >> 4) << 2);
      const p1 = p0 + ((b1 >> 4) << 2);
      const p2 = p1 + ((b2 >> 4) << 2);
      p = p2 + ((b3 >> 4) << 2) + 16;
      sum0 += load<f32>(weights + (b0 << 2)) * load<f32>(p0, 4) + load<f32>(weights + (b1 << 2)) * load<f32>(p1, 8);
      sum1 += load<f32>(weights + (b2 << 2)) * load<f32>(p2, 12) + load<f32>(weights + (b3 << 2)) * load<f32>(p);
    }
    store<f32>(y + (<usize>m << 2), min<f32>(most, max<f32>(least, sum0 + sum1)));
  }
}

/**
 * y[p] += weights[byte] · x[j] over the bytes of the listed columns j, as EIE does it: columns of zero inputs are never read.
 *
 * @param list - u32 [listed]: columns
 * @param ends - u32 [1 + columns]: where the bytes of each column end, after a leading 0
 * @param y - f32 [rows + 4]: what is behind the rows takes the fillers
 */
export function relativeColumns(
  list: usize, listed: i32, ends: usize, bytes: usize, weights: usize, x: usize, y: usize,
): void {
  const last = list + (<usize>listed << 2);
  for (let item = list; item < last; item += 4) {
    const j = <usize>load<u32>(item) << 2;
    const value = load<f32>(x + j);
    const end = bytes + <usize>load<u32>(ends + j, 4);
    let p = y - 4;
    for (let at = bytes + <usize>load<u32>(ends + j); at < end; at += 4) {
      const b0 = <usize>load<u8>(at);
      const b1 = <usize>load<u8>(at, 1);
      const b2 = <usize>load<u8>(at, 2);
      const b3 = <usize>load<u8>(at, 3);
      const p0 = p + ((b0 >> 4) << 2);
      const p1 = p0 + ((b1 >> 4) << 2);
      const p2 = p1 + ((b2 >> 4) << 2);
      p = p2 + ((b3 >> 4) << 2) + 16;
      // Positions rise, so the four differ.
      const sum0 = load<f32>(p0, 4) + load<f32>(weights + (b0 << 2)) * value;
      const sum1 = load<f32>(p1, 8) + load<f32>(weights + (b1 << 2)) * value;
      const sum2 = load<f32>(p2, 12) + load<f32>(weights + (b2 << 2)) * value;
      const sum3 = load<f32>(p) + load<f32>(weights + (b3 << 2)) * value;
      store<f32>(p0, sum0, 4);
      store<f32>(p1, sum1, 8);
      store<f32>(p2, sum2, 12);
      store<f32>(p, sum3);
    }
  }
}

/**
 * The same as {@link relativeRows} with gaps of 8 bits, and codes of 4 bits (two a byte, the low half first) or of 8 bits.
 *
 * @param ends - u32 [rows]: where the entries of each row end; a multiple of 4
 * @param gaps - u8 [entries]
 * @param codes - u8 [entries / 2] or u8 [entries]
 * @param codebook - f32 [16] or f32 [256]; the first is 0
 */
export function longGapRows4(
  rows: i32, ends: usize, gaps: usize, codes: usize, codebook: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  longGapRows(4, rows, ends, gaps, codes, codebook, x, bias, least, most, y);
}

export function longGapRows8(
  rows: i32, ends: usize, gaps: usize, codes: usize, codebook: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  longGapRows(8, rows, ends, gaps, codes, codebook, x, bias, least, most, y);
}

@inline
function longGapRows(
  codeBits: i32, rows: i32, ends: usize, gaps: usize, codes: usize, codebook: usize, x: usize, bias: usize, least: f32, most: f32, y: usize,
): void {
  let at = gaps;
  let code = codes;
  for (let m = 0; m < rows; m++) {
    const end = gaps + <usize>load<u32>(ends + (<usize>m << 2));
    let sum0 = bias ? load<f32>(bias + (<usize>m << 2)) : 0;
    let sum1: f32 = 0;
    let p = x - 4;
    for (; at < end; at += 4) {
      const p0 = p + (<usize>load<u8>(at) << 2);
      const p1 = p0 + (<usize>load<u8>(at, 1) << 2);
      const p2 = p1 + (<usize>load<u8>(at, 2) << 2);
      p = p2 + (<usize>load<u8>(at, 3) << 2) + 16;
      sum0 += codeOf(codeBits, code, 0, codebook) * load<f32>(p0, 4) + codeOf(codeBits, code, 1, codebook) * load<f32>(p1, 8);
      sum1 += codeOf(codeBits, code, 2, codebook) * load<f32>(p2, 12) + codeOf(codeBits, code, 3, codebook) * load<f32>(p);
      code += codeBits == 4 ? 2 : 4;
    }
    store<f32>(y + (<usize>m << 2), min<f32>(most, max<f32>(least, sum0 + sum1)));
  }
}

/** The weight of entry i of four. */
@inline
function codeOf(codeBits: i32, code: usize, i: i32, codebook: usize): f32 {
  if (codeBits == 8) return load<f32>(codebook + (<usize>load<u8>(code + i) << 2));
  const both = <usize>load<u8>(code + (i >> 1));
  return load<f32>(codebook + ((i & 1 ? both >> 4 : both & 15) << 2));
}

/** The same as {@link relativeColumns} with gaps of 8 bits and codes as in {@link longGapRows4}. */
export function longGapColumns4(
  list: usize, listed: i32, ends: usize, gaps: usize, codes: usize, codebook: usize, x: usize, y: usize,
): void {
  longGapColumns(4, list, listed, ends, gaps, codes, codebook, x, y);
}

export function longGapColumns8(
  list: usize, listed: i32, ends: usize, gaps: usize, codes: usize, codebook: usize, x: usize, y: usize,
): void {
  longGapColumns(8, list, listed, ends, gaps, codes, codebook, x, y);
}

@inline
function longGapColumns(
  codeBits: i32, list: usize, listed: i32, ends: usize, gaps: usize, codes: usize, codebook: usize, x: usize, y: usize,
): void {
  const last = list + (<usize>listed << 2);
  for (let item = list; item < last; item += 4) {
    const j = <usize>load<u32>(item) << 2;
    const value = load<f32>(x + j);
    const start = <usize>load<u32>(ends + j);
    const end = gaps + <usize>load<u32>(ends + j, 4);
    let code = codes + (codeBits == 4 ? start >> 1 : start);
    let p = y - 4;
    for (let at = gaps + start; at < end; at += 4) {
      const p0 = p + (<usize>load<u8>(at) << 2);
      const p1 = p0 + (<usize>load<u8>(at, 1) << 2);
      const p2 = p1 + (<usize>load<u8>(at, 2) << 2);
      p = p2 + (<usize>load<u8>(at, 3) << 2) + 16;
      const sum0 = load<f32>(p0, 4) + codeOf(codeBits, code, 0, codebook) * value;
      const sum1 = load<f32>(p1, 8) + codeOf(codeBits, code, 1, codebook) * value;
      const sum2 = load<f32>(p2, 12) + codeOf(codeBits, code, 2, codebook) * value;
      const sum3 = load<f32>(p) + codeOf(codeBits, code, 3, codebook) * value;
      store<f32>(p0, sum0, 4);
      store<f32>(p1, sum1, 8);
      store<f32>(p2, sum2, 12);
      store<f32>(p, sum3);
      code += codeBits == 4 ? 2 : 4;
    }
  }
}
