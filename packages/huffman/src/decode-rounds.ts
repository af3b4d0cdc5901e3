/** Where one of the parts of a stream is being decoded. */
export interface Part {
  /** The next bit. */
  position: number;
  /** Index of the byte of the output that comes next. */
  target: number;
  /** Index of the byte behind the last of this part. */
  readonly end: number;
}

/**
 * Decodes from four parts in turn, as far as neither input nor output needs watching, and moves them on.
 *
 * @param entries - as in a {@link DecodingTable} with indices of at most ROUND_BITS bits
 */
export type DecodeRounds = (entries: Int32Array, bytes: Uint8Array, parts: readonly Part[], out: Uint8Array) => void;

/** Bits of the longest index that fits twice in the 25 bits that four bytes hold from any bit of the first on. */
export const ROUND_BITS = 12;

// Because a processor waits some five cycles for each look-up, and the next one in the same part needs its length: with four
// parts there are four chains of look-ups to work on.
export const decodeRounds: DecodeRounds = (entries, bytes, parts, out) => {
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const target = new DataView(out.buffer, out.byteOffset, out.length);
  const mask = entries.length - 1;
  const [a, b, c, d] = parts as [Part, Part, Part, Part];
  for (;;) {
    // A round reads four bytes from each part, consumes up to 24 bits of them, and writes up to four bytes.
    let rounds = Infinity;
    for (const { position, target, end } of parts) {
      rounds = Math.min(rounds, (bytes.length * 8 - 32 - position) / 24, (end - target) >> 2);
    }
    if (rounds < 1) return;
    let { position: pa, target: ta } = a;
    let { position: pb, target: tb } = b;
    let { position: pc, target: tc } = c;
    let { position: pd, target: td } = d;
    for (let round = rounds | 0; round > 0; round--) {
      let wa = source.getInt32(pa >>> 3, true) >>> (pa & 7);
      let wb = source.getInt32(pb >>> 3, true) >>> (pb & 7);
      let wc = source.getInt32(pc >>> 3, true) >>> (pc & 7);
      let wd = source.getInt32(pd >>> 3, true) >>> (pd & 7);
      const ea = entries[wa & mask]!;
      const eb = entries[wb & mask]!;
      const ec = entries[wc & mask]!;
      const ed = entries[wd & mask]!;
      target.setInt16(ta, ea >>> 8, true);
      target.setInt16(tb, eb >>> 8, true);
      target.setInt16(tc, ec >>> 8, true);
      target.setInt16(td, ed >>> 8, true);
      ta += ea >>> 30;
      tb += eb >>> 30;
      tc += ec >>> 30;
      td += ed >>> 30;
      wa >>>= ea; // a shift takes the lowest five bits: the length
      wb >>>= eb;
      wc >>>= ec;
      wd >>>= ed;
      const fa = entries[wa & mask]!;
      const fb = entries[wb & mask]!;
      const fc = entries[wc & mask]!;
      const fd = entries[wd & mask]!;
      target.setInt16(ta, fa >>> 8, true);
      target.setInt16(tb, fb >>> 8, true);
      target.setInt16(tc, fc >>> 8, true);
      target.setInt16(td, fd >>> 8, true);
      ta += fa >>> 30;
      tb += fb >>> 30;
      tc += fc >>> 30;
      td += fd >>> 30;
      pa += (ea + fa) & 63;
      pb += (eb + fb) & 63;
      pc += (ec + fc) & 63;
      pd += (ed + fd) & 63;
    }
    Object.assign(a, { position: pa, target: ta });
    Object.assign(b, { position: pb, target: tb });
    Object.assign(c, { position: pc, target: tc });
    Object.assign(d, { position: pd, target: td });
  }
};
