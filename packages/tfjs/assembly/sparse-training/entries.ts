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
export function afterList(ix: i32, columns: i32, outWidth: i32): i32 {
  return ix == columns - 1 && outWidth >= columns ? outWidth : ix + 1;
}
