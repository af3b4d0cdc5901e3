import { Unzlib } from 'fflate';

/** What deflates best becomes 1032 times as long: so many bytes at once make at most 16 MB. */
const SLICE = 2 ** 14;

/**
 * Inflates a zlib stream (RFC 1950) of known size. One that becomes longer is left as soon as that is seen.
 *
 * @throws Error if it is no such stream, or has another size
 */
export function inflateZlib(packed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let filled = 0;
  const stream = new Unzlib((part) => {
    if (filled + part.length > size) throw new Error(`it inflates to more than ${size} bytes`);
    out.set(part, filled);
    filled += part.length;
  });
  for (let at = 0; at < packed.length || at === 0; at += SLICE) {
    stream.push(packed.subarray(at, at + SLICE), at + SLICE >= packed.length);
  }
  if (filled !== size) throw new Error(`it inflates to ${filled} instead of ${size} bytes`);
  return out;
}
