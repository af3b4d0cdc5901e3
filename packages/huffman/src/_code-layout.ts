/*
 * How a code is written in front of the symbols: what write-code.ts and read-code.ts must agree on.
 *
 *   gamma(first + 1) length:5 predictor:1 shape:2 absent:2 step*
 *
 * `first` is the lowest symbol that occurs, `length` the bits of its code. If it occurs alone, that is 0. A step tells
 * about the symbols after it:
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

/** The longest code: 2^16 symbols have codes of as many bits, and three bytes hold it wherever in a byte it starts. */
export const LONGEST_CODE = 16;

/** Ranks that an absence may take: before all lengths, or after the predicted one and 0, 1 or 2 pairs of neighbours. */
export const ABSENT_RANKS: readonly number[] = [0, 1, 3, 5];

/** Bits of a rank after its unary part: the two bits of `shape` say it for the first two groups; later groups have none. */
export const groupBits = (shape: number, group: number): number => (group < 2 ? (shape >>> group) & 1 : 0);

/** Places the differences 0, 1, −1, 2, −2, … in this order. */
export const zigzag = (difference: number): number => (difference > 0 ? 2 * difference - 1 : -2 * difference);

/** Finds the difference that {@link zigzag} placed at `rank`. */
export const unzigzag = (rank: number): number => (rank & 1 ? (rank + 1) >> 1 : -(rank >> 1));

// From 2^13 symbols on the stream is entered in four places. Below, three entry points would be a quarter of a per cent
// of the bytes or more, and one core decodes all of it in a tenth of a millisecond anyway.
const FEWEST_FOR_FOUR = 2 ** 13;

/** Most symbols in a stream: with codes of up to 16 bits, positions of bits stay below 2^31. */
export const MOST_SYMBOLS = 2 ** 27;

/** Into how many parts the symbols of a stream are divided, all of ⌈count / parts⌉ symbols but the last. */
export const partsOf = (count: number): number => (count < FEWEST_FOR_FOUR ? 1 : 4);

/** Bits in which the size of a part is written: as many as `symbols` codes of the greatest length may need. */
export const sizeWidth = (symbols: number, longest: number): number => 32 - Math.clz32(symbols * longest);
