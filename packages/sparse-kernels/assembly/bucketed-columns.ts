// Nonzeros of a column grouped by the value they share, for inputs of which many are zero. Plain twin: src/bucketed-columns.ts.
import { WINDOW } from './window';

/**
 * Lists the inputs that are not zero: what they are, and where they are.
 *
 * @param list - u32 [count]: is written
 * @returns how many
 */
export function listNonzeros(x: usize, count: i32, list: usize): i32 {
  let end = list;
  for (let j = 0; j < count; j++) {
    store<u32>(end, j);
    // Without a branch: half of the inputs are zero, in no order.
    end += <usize>(load<f32>(x + (<usize>j << 2)) != 0) << 2;
  }
  return <i32>((end - list) >> 2);
}

/**
 * y[offsets[4c + i]] += codebook[codes[c]] · x[j] over the chunks c of the listed columns j. y is in the window.
 *
 * What fills a chunk up points at one of many numbers behind y: were it always the same, each chunk would wait for the one before.
 * While a column is worked on, the lines of one that is a few further are fetched: which that is, no cache can guess.
 *
 * @param list - u32 [listed]: columns, as {@link listNonzeros} writes them
 * @param chunkStarts - u32 [columns + 1]
 * @param codes - u8 [chunks]
 * @param offsets - u16 [4 · chunks]: bytes from y; within a chunk they differ
 * @param early - how far ahead, in bytes of the list
 * @param fetch - bytes of offsets that are fetched of a column ahead: as many as one has on average. A number that is the same for all
 *   columns is one that the machine guesses
 * @param fetchable - the last byte of offsets from which so many may be read
 * @returns nothing of worth; it keeps the fetches from being left out
 */
export function bucketedColumns(
  list: usize, listed: i32, chunkStarts: usize, codes: usize, offsets: usize, codebook: usize, early: usize, fetch: usize, fetchable: usize, x: usize,
): i32 {
  return columnsOf(0, list, listed, chunkStarts, codes, offsets, codebook, early, fetch, fetchable, x);
}

/** The same with y [rows + 32] anywhere, for memories that have no window. */
export function bucketedColumnsAt(
  list: usize, listed: i32, chunkStarts: usize, codes: usize, offsets: usize, codebook: usize, early: usize, fetch: usize, fetchable: usize, x: usize,
  y: usize,
): i32 {
  return columnsOf(y - WINDOW, list, listed, chunkStarts, codes, offsets, codebook, early, fetch, fetchable, x);
}

@inline
function columnsOf(
  y: usize, list: usize, listed: i32, chunkStarts: usize, codes: usize, offsets: usize, codebook: usize, early: usize, fetch: usize, fetchable: usize, x: usize,
): i32 {
  let fetched: i32 = 0;
  const end = list + (<usize>listed << 2);
  for (let item = list; item < end; item += 4) {
    const j = <usize>load<u32>(item) << 2;
    const next = item + early < end ? <usize>load<u32>(item + early) << 2 : j;
    let ahead = offsets + min<usize>(<usize>load<u32>(chunkStarts + next) << 3, fetchable);
    for (const end = ahead + fetch; ahead < end; ahead += 64) fetched += load<u8>(ahead);

    const value = load<f32>(x + j);
    const start = <usize>load<u32>(chunkStarts + j);
    const stop = codes + <usize>load<u32>(chunkStarts + j, 4);
    let at = offsets + (start << 3);
    for (let code = codes + start; code < stop; code++, at += 8) {
      const t = load<f32>(codebook + (<usize>load<u8>(code) << 2)) * value;
      const a = load<u32>(at);
      const b = load<u32>(at, 4);
      const to0 = y + <usize>(a & 0xffff);
      const to1 = y + <usize>(a >> 16);
      const to2 = y + <usize>(b & 0xffff);
      const to3 = y + <usize>(b >> 16);
      // All loads before all stores, as they cannot overlap; the machine does not know that.
      const sum0 = load<f32>(to0, WINDOW) + t;
      const sum1 = load<f32>(to1, WINDOW) + t;
      const sum2 = load<f32>(to2, WINDOW) + t;
      const sum3 = load<f32>(to3, WINDOW) + t;
      store<f32>(to0, sum0, WINDOW);
      store<f32>(to1, sum1, WINDOW);
      store<f32>(to2, sum2, WINDOW);
      store<f32>(to3, sum3, WINDOW);
    }
  }
  return fetched;
}
