/*
 * How a table of code lengths is written: what write-table.ts and read-table.ts must agree on.
 *
 *   flat:1   1 → gamma(first + 1) gamma(count + 1)             balancedLengths(first, count)
 *            0 → gamma(first + 1) length:5 predictor:1 shape:2 absent:2 step*
 *
 * `first` is the lowest symbol that occurs, `length` is its length. A step tells about the symbols after it:
 *
 *   rank(r)             the next symbol occurs; its length is predicted + unzigzag(r)
 *   rank(a) gamma(run)  the next `run` symbols do not occur; a = ABSENT_RANKS[absent]
 *
 * An absence takes a place among the ranks (a, a + 1, … move up by one), except just after an absence, where there
 * cannot be another. Steps go on until the code is complete, Σ 2^−length = 1: no count is needed, and none can be wrong.
 *
 *   predictor 0: the length of `first`, best for codebooks in arbitrary order
 *   predictor 1: the length of the last symbol that occurs, best where neighbours are alike
 *
 *   rank: q one bits, a zero bit, then groupBits(shape, q) bits; counts through groups of 2^groupBits ranks
 *   gamma(v): q one bits, a zero bit, then the low q bits of v, where 2^q ≤ v < 2^(q + 1)   (Elias gamma)
 *
 * Where symbols are gaps or indices into a sorted codebook, neighbours have similar lengths and most steps take a bit or
 * two; bench/sizes.ts prints sizes. An adaptive arithmetic coder for the steps was tried and not taken: below some
 * thousand symbols it was no smaller, having to learn on these few steps first.
 */

/** Ranks that an absence may take: before all lengths, or after the predicted one and 0, 1 or 2 pairs of neighbours. */
export const ABSENT_RANKS: readonly number[] = [0, 1, 3, 5];

/** Bits of a rank after its unary part: the two bits of `shape` say it for the first two groups; later groups have none. */
export const groupBits = (shape: number, group: number): number => (group < 2 ? (shape >>> group) & 1 : 0);

/** Places the differences 0, 1, −1, 2, −2, … in this order. */
export const zigzag = (difference: number): number => (difference > 0 ? 2 * difference - 1 : -2 * difference);

/** Finds the difference that {@link zigzag} placed at `rank`. */
export const unzigzag = (rank: number): number => (rank & 1 ? (rank + 1) >> 1 : -(rank >> 1));
