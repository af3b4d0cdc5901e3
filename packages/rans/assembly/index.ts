// The loop of decode-words.ts for four states, which fill the processor: eight were no faster.
//
// Memory, in bytes; src/wasm.ts has the same numbers. Steps are at 0.
const SYMBOLS: usize = 0x20000; // after 2^15 steps of 4 bytes
const STATES: usize = 0x30000; // after 2^15 symbols of 2
const WORDS: usize = 0x40000;
const OUT: usize = 0x60000;

const LOWEST: u32 = 0x8000;

@inline
function emit(x: u32, mask: u32, precision: u32, out: usize): u32 {
  const slot = x & mask;
  const step = load<u32>(slot << 2);
  store<u16>(out, load<u16>(slot << 1, SYMBOLS));
  return (step >>> 16) * (x >>> precision) + (step & 0xffff);
}

// A load behind a condition would become a branch, and wrong guesses cost more than needless loads: 168 → 427 million symbols
// a second when it was measured first.
@inline
function take(x: u32, words: usize): u32 {
  return select<u32>((x << 16) | load<u16>(words), x, x < LOWEST);
}

@inline
function taken(x: u32): usize {
  return usize(x < LOWEST) << 1;
}

/**
 * Decodes `rounds` symbols of each state, from the words that begin `skip` bytes after WORDS; returns how many bytes after
 * WORDS the next begin.
 *
 * Symbols are `width` bytes wide. All are stored as two; of one byte, the next takes the place of the second.
 */
export function decode(precision: u32, skip: usize, width: usize, rounds: i32): usize {
  const mask: u32 = (1 << precision) - 1;
  let words = WORDS + skip;
  let out = OUT;
  let a = load<u32>(STATES);
  let b = load<u32>(STATES, 4);
  let c = load<u32>(STATES, 8);
  let d = load<u32>(STATES, 12);
  for (; rounds > 0; rounds--) {
    a = emit(a, mask, precision, out);
    out += width;
    b = emit(b, mask, precision, out);
    out += width;
    c = emit(c, mask, precision, out);
    out += width;
    d = emit(d, mask, precision, out);
    out += width;
    let at = words;
    words += taken(a);
    a = take(a, at);
    at = words;
    words += taken(b);
    b = take(b, at);
    at = words;
    words += taken(c);
    c = take(c, at);
    at = words;
    words += taken(d);
    d = take(d, at);
  }
  store<u32>(STATES, a);
  store<u32>(STATES, b, 4);
  store<u32>(STATES, c, 8);
  store<u32>(STATES, d, 12);
  return words - WORDS;
}
