import { type CorruptDataCode, CorruptDataError } from './corrupt-data.ts';

/** Bytes that are read bit by bit, the lowest bit of each byte first. */
export interface BitSource {
  /** Bits consumed so far. */
  position: number;
  /** Reads an unsigned integer of up to 31 bits, the lowest first; past the end it fails as `truncated`. */
  readonly read: (width: number) => number;
  /** Says that the bytes about to be read make no sense. */
  readonly fail: (code: CorruptDataCode) => never;
}

/**
 * Opens bytes for the few numbers in front of a stream.
 *
 * @param position - of the first bit to read
 * @example
 * const source = bitSource(Uint8Array.of(25));
 * [source.read(2), source.read(3)] // [1, 6]
 */
export function bitSource(bytes: Uint8Array, position = 0): BitSource {
  const source: BitSource = {
    position,
    read(width) {
      let value = 0;
      for (let i = 0; i < width; i++) {
        const at = source.position++;
        if (at >>> 3 >= bytes.length) source.fail('truncated');
        value |= ((bytes[at >>> 3]! >> (at & 7)) & 1) << i;
      }
      return value;
    },
    fail(code) {
      throw new CorruptDataError(code, Math.min(source.position >>> 3, bytes.length));
    },
  };
  return source;
}
