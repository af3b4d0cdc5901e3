import { type CorruptDataCode, CorruptDataError } from './corrupt-data.ts';

/**
 * Reads the fields of bits that a `BitWriter` wrote, lowest bit of each byte first.
 *
 * @example
 * const reader = new BitReader(Uint8Array.of(25));
 * [reader.read(2), reader.read(3)] // [1, 6]
 */
export class BitReader {
  readonly bytes: Uint8Array;
  /** Bits consumed so far. The whole state of the reader: assign it to go elsewhere. */
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Bits that are left, including the padding of the last byte. */
  get bitsLeft(): number {
    return this.bytes.length * 8 - this.position;
  }

  /** Index of the byte that holds the next bit. */
  get byte(): number {
    return Math.floor(this.position / 8); // not >>> 3: positions exceed 2^32 bits in files over 512 MiB
  }

  /**
   * Looks at the next `count` bits without consuming them. Past the end there are zero bits; `skip` notices.
   *
   * @param count - 0…25: four bytes, of which up to seven bits are consumed already
   */
  peek(count: number): number {
    const { bytes, byte } = this;
    // Bytes past the end are undefined, which counts as zero in bitwise operations.
    const word = bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16) | (bytes[byte + 3]! << 24);
    return (word >>> (this.position & 7)) & ((1 << count) - 1);
  }

  /**
   * Consumes `count` bits.
   *
   * @throws CorruptDataError `truncated` if fewer are left
   */
  skip(count: number): void {
    if (count > this.bitsLeft) this.fail('truncated', 'the data ends early');
    this.position += count;
  }

  /**
   * Reads an unsigned integer of `count` bits.
   *
   * @param count - 0…32
   * @throws CorruptDataError `truncated` if fewer bits are left
   */
  read(count: number): number {
    if (count > 16) return this.read(16) + this.read(count - 16) * 65536;
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /**
   * Checks that only the padding of the last byte is left: fewer than eight bits, all zero.
   *
   * @throws CorruptDataError `trailing-data` if there is more
   */
  expectEnd(): void {
    if (this.bitsLeft > 7 || this.peek(7) !== 0) this.fail('trailing-data', 'more data than expected');
  }

  /**
   * Says that the bytes about to be read make no sense.
   *
   * @throws CorruptDataError always
   */
  fail(code: CorruptDataCode, explanation: string): never {
    throw new CorruptDataError(code, this.byte, explanation);
  }
}
