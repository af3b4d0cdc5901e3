/*
 * How a record of `streams@1` is written: what streams-encode.ts and streams-decode.ts must agree on.
 *
 * A record is its weights, one after the other; each is a few parameters, between which streams of symbols stand where they
 * are first needed. `stream(w, n)`: n symbols of w bits.
 *
 *   weight     flags:1  [codebook]  [places]  values             flags = kind + 3 · (where + 4 · what)
 *   codebook   list:     count:varint  floats(count)
 *              uniform:  count:varint  step:float32  level_0:varint  width:1  stream(width, count − 1)
 *   places     bitmap:   stream(8, ⌈weights / 8⌉)                a bit a weight, lowest first
 *              gaps:     width:1  count:varint  stream(width, count)
 *   values     floats(kept), or with a codebook stream(bits of the largest symbol, kept)
 *
 *   floats(n)      mantissa m:1  stream(8, n)  and m + 1 bits more in streams of 8, the last one with what is left
 *                  a float is  exponent:8  mantissa:m  sign:1, and nothing if there are none
 *   stream(0, n)   nothing: all symbols are 0; likewise if n = 0
 *   stream(w, n)   varint(method + 3 · extra)  [size:varint]  bytes
 *   level_0        0, 1, −1, 2, … by rank; then the stream has level_i − level_(i−1) − 1
 *
 * A stream belongs to a slot: what it is for, and which of several in a row. It holds `extra` symbols more than its weight
 * needs; those are the first ones of the same slot of later weights, which have no stream there. So neighbours share tables.
 */

export const KINDS = ['dense', 'masked', 'shared'] as const;

/** Where values go: everywhere; everywhere, symbol 0 standing for a pruned weight; where a bit is set; after gaps. */
export const EVERYWHERE = 0;
export const ZERO_IS_A_SYMBOL = 1;
export const BITMAP = 2;
/** A gap is how many weights are skipped before the next value; the longest, 2^width − 1, skips as many and no value follows. */
export const GAPS = 3;

/** What values are: floats, or symbols of a codebook, which is a list of floats or multiples of a step. */
export const FLOATS = 0;
export const LIST = 1;
export const UNIFORM = 2;

/** Slots; floats have four in a row. */
export const PLACES_SLOT = 0;
export const SYMBOLS_SLOT = 1;
export const LEVELS_SLOT = 2;
export const FLOATS_SLOT = 3;

/** Methods: symbols as they are, in one byte or (over 8 bits) two; the coded ones, before whose bytes stands their size. */
export const RAW = 0;
export const HUFFMAN = 1;
export const RANS = 2;

/** Bits of the largest of so many symbols. */
export const widthOf = (alphabet: number): number => (alphabet > 1 ? 32 - Math.clz32(alphabet - 1) : 0);
