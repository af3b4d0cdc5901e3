/*
 * How a code is written in front of the symbols: what write-code.ts and read-code.ts must agree on.
 *
 *   gamma(first + 1) length:5 step*
 *
 * `first` is the lowest symbol that occurs, `length` the bits of its code: 0 if it occurs alone. A step tells about the
 * symbols after it:
 *
 *   unary(r)                     the next symbol occurs; its code is longer by 0, 1 or −1 bits if r = 0, 1, 2,
 *                                and by 2, −2, 3, −3, … if r = 4, 5, 6, 7, …
 *   unary(ABSENCE) gamma(run)    the next `run` symbols do not occur
 *
 * Steps go on until the code is complete, Σ 2^−length = 1: no count is needed, and none can be wrong.
 *
 *   unary(u): u one bits, a zero bit
 *   gamma(v): unary(q), then the low q bits of v, where 2^q ≤ v < 2^(q + 1)   (Elias gamma)
 *
 * Where symbols are gaps or indices into a sorted codebook, neighbours have similar lengths and most steps take a bit or
 * two; bench/sizes.ts prints sizes. Three things were tried and not taken, for they saved less than they cost: parameters in front (other
 * codes for the differences, another place for the absence, the first length as the prediction), 1 % larger in sum over
 * those samples; the rule that an absence cannot follow another; an adaptive arithmetic coder, which has to learn
 * on a few hundred steps.
 */

/** The longest code: 2^16 symbols have codes of as many bits, and three bytes hold it wherever in a byte it starts. */
export const LONGEST_CODE = 16;

/** The number that says in place of a difference that symbols are absent. */
export const ABSENCE = 3;

// From 2^13 symbols on a stream can be entered in four places. Below, three numbers more would be a quarter of a per cent
// of the bytes or more, and decoding in one place takes a twentieth of a millisecond anyway.
const FEWEST_FOR_FOUR = 2 ** 13;

/** Most symbols in a stream: with codes of up to 16 bits, positions of bits stay below 2^31. */
export const MOST_SYMBOLS: number = 2 ** 27;

/** Into how many parts the symbols of a stream are divided, all of ⌈count / parts⌉ symbols but the last. */
export const partsOf = (count: number): number => (count < FEWEST_FOR_FOUR ? 1 : 4);

/** Bits in which the size of a part is written: as many as `symbols` codes of the greatest length may need. */
export const sizeWidth = (symbols: number, longest: number): number => 32 - Math.clz32(symbols * longest);

// Bits of what is looked up at once, and the longest code unless there are many symbols. 2^12 entries of 4 bytes leave half of
// the first-level cache free, and plain JavaScript takes two of them from a word. Codes of up to 11 bits are no faster and
// take 0.3 to 0.5 % more for gaps and 256 symbols; 13 would save 0.2 % more, but halve JavaScript's speed.
export const LOOKUP_BITS = 12;
