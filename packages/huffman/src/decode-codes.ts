/**
 * Decodes codes one after the other, in one place.
 *
 * @param entries - as in a `DecodingTable`
 * @param position - the bit at which the first code starts
 * @param out - the bytes of the output
 * @param target - where in `out` the first symbol goes
 * @param end - where in `out` the last one ends
 * @param width - bytes of a symbol
 * @returns the bit behind the last code; it is beyond the bytes if they end early
 */
export function decodeCodes(
  entries: Int32Array,
  bytes: Uint8Array,
  position: number,
  out: Uint8Array,
  target: number,
  end: number,
  width: number,
): number {
  // Four bytes are loaded at a time, which hold 25 bits from any bit of the first on. Behind the end are zeros.
  const padded = new Uint8Array(bytes.length + 4);
  padded.set(bytes);
  const source = new DataView(padded.buffer);
  const symbols = new DataView(out.buffer, out.byteOffset, out.length);
  const mask = entries.length - 1;
  while (target < end && position <= bytes.length * 8) {
    const word = source.getInt32(position >>> 3, true) >>> (position & 7);
    const one = entries[word & mask]!;
    if (target + 4 <= end && mask < 2 ** 12) {
      const two = entries[(word >>> one) & mask]!; // a shift takes the lowest five bits: the length
      symbols.setInt16(target, one >>> 8, true);
      target += one >>> 30;
      symbols.setInt16(target, two >>> 8, true);
      target += two >>> 30;
      position += (one + two) & 63;
    } else {
      out[target] = one >> 8;
      if (width > 1) out[target + 1] = one >> 16;
      target += width;
      position += (one >> 24) & 31;
    }
  }
  return position;
}
