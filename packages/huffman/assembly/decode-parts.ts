// The twin of src/decode-codes.ts that decodes from four places at a time. Differs also in that eight bytes are loaded at
// once, from which four codes of up to 14 bits are taken.
//
// A look-up takes a processor some five cycles to answer, and the next one in the same part needs its length. With four
// parts there are three others to do meanwhile.
//
// The module owns its memory; src/wasm.ts puts the input there and takes the output out. Addresses in bytes:
//
//         0  the next bit of each part, counted from bit 0 of the memory: 4 × i32
//        16  where the next byte of each part goes: 4 × i32
//        32  entries, as src/decoding-table.ts draws them: up to 2^14 × i32
//     65600  windows of input and output, wherever src/wasm.ts says

const ENTRIES: usize = 32;

/**
 * The next 57 bits or more, two places up: with `mask` two places up as well, `word & mask` is the offset of an entry.
 * Nothing falls off that is needed, as 4 · 14 = 56.
 */
@inline
function refill(position: i32): u64 {
  return (load<u64>(position >>> 3) >> (<u64>position & 7)) << 2;
}

@inline
function look(word: u64, mask: i32): i32 {
  return load<i32>(<i32>word & mask, ENTRIES);
}

/**
 * @param rounds - how many times four entries are looked up for each part; 1 or more. Input and output have room for them
 * @param mask - 4 · (number of entries − 1)
 */
export function decodeParts(rounds: i32, mask: i32): void {
  let p0 = load<i32>(0), p1 = load<i32>(4), p2 = load<i32>(8), p3 = load<i32>(12);
  let t0 = load<i32>(16), t1 = load<i32>(20), t2 = load<i32>(24), t3 = load<i32>(28);
  let e0: i32, e1: i32, e2: i32, e3: i32;
  do {
    let w0 = refill(p0), w1 = refill(p1), w2 = refill(p2), w3 = refill(p3);
    // Sums of entries: their low six bits are the sum of the lengths, at most 56.
    let s0: i32, s1: i32, s2: i32, s3: i32;

    // Written out four times, as a loop takes a tenth more time. A shift by an entry is a shift by its low six bits.
    s0 = e0 = look(w0, mask); s1 = e1 = look(w1, mask); s2 = e2 = look(w2, mask); s3 = e3 = look(w3, mask);
    store<u16>(t0, e0 >>> 8); store<u16>(t1, e1 >>> 8); store<u16>(t2, e2 >>> 8); store<u16>(t3, e3 >>> 8);
    t0 += e0 >>> 30; t1 += e1 >>> 30; t2 += e2 >>> 30; t3 += e3 >>> 30;
    w0 >>= <u64>e0; w1 >>= <u64>e1; w2 >>= <u64>e2; w3 >>= <u64>e3;

    s0 += e0 = look(w0, mask); s1 += e1 = look(w1, mask); s2 += e2 = look(w2, mask); s3 += e3 = look(w3, mask);
    store<u16>(t0, e0 >>> 8); store<u16>(t1, e1 >>> 8); store<u16>(t2, e2 >>> 8); store<u16>(t3, e3 >>> 8);
    t0 += e0 >>> 30; t1 += e1 >>> 30; t2 += e2 >>> 30; t3 += e3 >>> 30;
    w0 >>= <u64>e0; w1 >>= <u64>e1; w2 >>= <u64>e2; w3 >>= <u64>e3;

    s0 += e0 = look(w0, mask); s1 += e1 = look(w1, mask); s2 += e2 = look(w2, mask); s3 += e3 = look(w3, mask);
    store<u16>(t0, e0 >>> 8); store<u16>(t1, e1 >>> 8); store<u16>(t2, e2 >>> 8); store<u16>(t3, e3 >>> 8);
    t0 += e0 >>> 30; t1 += e1 >>> 30; t2 += e2 >>> 30; t3 += e3 >>> 30;
    w0 >>= <u64>e0; w1 >>= <u64>e1; w2 >>= <u64>e2; w3 >>= <u64>e3;

    s0 += e0 = look(w0, mask); s1 += e1 = look(w1, mask); s2 += e2 = look(w2, mask); s3 += e3 = look(w3, mask);
    store<u16>(t0, e0 >>> 8); store<u16>(t1, e1 >>> 8); store<u16>(t2, e2 >>> 8); store<u16>(t3, e3 >>> 8);
    t0 += e0 >>> 30; t1 += e1 >>> 30; t2 += e2 >>> 30; t3 += e3 >>> 30;

    p0 += s0 & 63; p1 += s1 & 63; p2 += s2 & 63; p3 += s3 & 63;
  } while (--rounds);
  store<i32>(0, p0); store<i32>(4, p1); store<i32>(8, p2); store<i32>(12, p3);
  store<i32>(16, t0); store<i32>(20, t1); store<i32>(24, t2); store<i32>(28, t3);
}
