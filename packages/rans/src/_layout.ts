/*
 * The layout of a stream: what encode.ts and decode.ts must agree on.
 *
 *   (no bytes)            every symbol is 0
 *   table raw words       otherwise, each beginning at a whole byte
 *
 * Table, in bits, the lowest of each byte first:
 *
 *   precision − 8:3  states:1  fineness:2  order:2  gamma(rawBits + 1)  knot*
 *   knot: gamma(run) gamma((z >> order) + 1) z:order        z = zigzag(change)
 *
 *   gamma(v): q one bits, a zero bit, then the low q bits of v, where 2^q ≤ v < 2^(q + 1)   (Elias gamma)
 *
 * `states` is 0 for one state, 1 for four. A symbol is its low `rawBits` bits, stored as they are, and a high part, which is coded. The table draws the logarithms of
 * the frequencies of the high parts, 2^fineness levels to the doubling, as a polygon: from the last knot (at first: level 0,
 * just before part 0) the level changes by `change` over the next `run` parts in a straight line, rounded. Level 0 is a
 * part that does not occur. So a geometric histogram takes two knots and a bell a few, one without shape a knot a part. Knots
 * end with the alphabet. frequencies.ts says what frequencies levels stand for.
 *
 * Raw: rawBits bits a symbol, the lowest of each byte first.
 *
 * Words: first the state of each coder in turn, then what they read, all mixed in the order of need. A number is made of
 * 16-bit words, highest first, each in little-endian bytes; a state begins at 0 and, as ever after, takes words while it is
 * below 2^15. If the bytes are odd in number, state 0 begins at the first of them instead. Symbol i belongs to state
 * i mod (number of states). After the last symbol all words are used up and the states are as the encoder's were at first: 2^15 each;
 * or 0, if there is but one, which saves two bytes in short streams.
 */

/** States below it take a word: 2^15 ≤ x < 2^31, so that all arithmetic is in signed 32-bit integers. */
export const LOWEST: number = 2 ** 15;

/** How many states take turns in long streams: as many as fill a processor. Each takes about 3 bytes, so short ones have 1. */
export const STATES = 4;
