/** One of the parts of a stream, and how far it is decoded. */
export interface Part {
  /** The bit at which it starts. */
  readonly start: number;
  /** The bit that comes next. */
  position: number;
  /** Index of the byte of the output that comes next. */
  target: number;
  /** Index of the byte of the output behind its last. */
  readonly end: number;
}

/**
 * Decodes from parts in turn, if there are four, as far as neither input nor output needs watching and as fast as it can, and moves them on.
 *
 * It may decode less, or nothing.
 */
export type DecodeRounds = (entries: Int32Array, bytes: Uint8Array, parts: readonly Part[], out: Uint8Array) => void;

/**
 * Decodes from two of the parts at a time, then from the others.
 *
 * A look-up takes a processor some five cycles to answer, and the next one in the same part needs its length. With two
 * parts there is something else to do meanwhile; four at a time are no faster in JavaScript.
 */
export const decodeRounds: DecodeRounds = (entries, bytes, parts, out) => {
  // A round consumes up to 24 bits: four bytes hold 25 from any bit of the first on.
  if (parts.length < 4 || entries.length > 2 ** 12) return;
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const target = new DataView(out.buffer, out.byteOffset, out.length);
  const mask = entries.length - 1;
  const lastPosition = bytes.length * 8 - 32;
  for (const k of [0, 2]) {
    const one = parts[k]!;
    const two = parts[k + 1]!;
    let { position: p, target: t } = one;
    let { position: q, target: u } = two;
    const tLast = one.end - 4;
    const uLast = two.end - 4;
    while (p <= lastPosition && q <= lastPosition && t <= tLast && u <= uLast) {
      const v = source.getInt32(p >>> 3, true) >>> (p & 7);
      const w = source.getInt32(q >>> 3, true) >>> (q & 7);
      const v0 = entries[v & mask]!;
      const w0 = entries[w & mask]!;
      target.setInt16(t, v0 >>> 8, true);
      target.setInt16(u, w0 >>> 8, true);
      t += v0 >>> 30;
      u += w0 >>> 30;
      const v1 = entries[(v >>> v0) & mask]!; // a shift takes the lowest five bits: the length
      const w1 = entries[(w >>> w0) & mask]!;
      target.setInt16(t, v1 >>> 8, true);
      target.setInt16(u, w1 >>> 8, true);
      t += v1 >>> 30;
      u += w1 >>> 30;
      p += (v0 + v1) & 63;
      q += (w0 + w1) & 63;
    }
    one.position = p;
    one.target = t;
    two.position = q;
    two.target = u;
  }
};
