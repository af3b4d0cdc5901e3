import { type CorruptDataCode, CorruptDataError } from './corrupt-data.ts';

/** Fields of bits, read one after the other, the lowest bit of each byte first. */
export interface BitSource {
  /** Bits consumed so far. */
  position: number;
  /** Reads an unsigned integer of up to 31 bits, the lowest first; past the end it fails as `truncated`. */
  readonly read: (width: number) => number;
  /** Says that the bytes about to be read make no sense. */
  readonly fail: (code: CorruptDataCode, explanation: string) => never;
}

/**
 * Opens bytes for reading bits. It is for the few numbers in front of a stream, and goes bit by bit.
 *
 * @example
 * const source = bitSource(Uint8Array.of(25));
 * [source.read(2), source.read(3)] // [1, 6]
 */
export function bitSource(bytes: Uint8Array): BitSource {
  const source: BitSource = {
    position: 0,
    read(width) {
      let value = 0;
      for (let i = 0; i < width; i++) {
        const byte = bytes[source.position >>> 3];
        if (byte === undefined) source.fail('truncated', 'the data ends early');
        value |= ((byte! >> (source.position++ & 7)) & 1) << i;
      }
      return value;
    },
    fail(code, explanation) {
      throw new CorruptDataError(code, source.position >>> 3, explanation);
    },
  };
  return source;
}
