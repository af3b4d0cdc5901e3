import { CorruptDataError, MissingPartError } from '@pare/core';

/** Most structures (messages, nodes, heap objects) that are visited in one file: about a second of work. */
const MOST_STEPS = 2 ** 20;

/** Data may be this many times the file: it may be deflated, and named more than once, but not without end. */
const MOST_TIMES = 256;
/** … or this many bytes, where the file is small. */
const LEAST_CLAIM = 2 ** 26;

/**
 * Bytes of an HDF5 file, read at any place. All that reads a file goes through here, so this is where nothing is trusted:
 * every read stays within the file, and every visit of a structure is counted, so that cycles and heaps of references end.
 */
export class Hdf5File {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #steps = 0;
  #claimed = 0;
  /** Bytes of an address and of a length, as the superblock says. */
  offsetSize: 4 | 8 = 8;
  lengthSize: 4 | 8 = 8;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Counts one structure. @throws CorruptDataError if they are too many */
  step(at: number): void {
    if (++this.#steps > MOST_STEPS) {
      throw new CorruptDataError(
        'limit',
        at,
        `more than ${MOST_STEPS} structures: they go in circles, or the file is no model`,
      );
    }
  }

  /** Counts bytes of data before memory is taken for them. @throws CorruptDataError if they are too many */
  claim(size: number, at: number): void {
    this.#claimed += size;
    const most = Math.max(LEAST_CLAIM, MOST_TIMES * this.bytes.length);
    if (this.#claimed > most) {
      throw new CorruptDataError(
        'limit',
        at,
        `HDF5 data of ${this.#claimed} bytes in a file of ${this.bytes.length}, limit ${most}`,
      );
    }
  }

  /** Starts reading at an address. */
  at(address: number): Cursor {
    if (address > this.bytes.length) {
      throw new CorruptDataError(
        'bad-address',
        this.bytes.length,
        `HDF5 address ${address} lies beyond the end of the file`,
      );
    }
    return new Cursor(this, address);
  }

  /** A whole number of 1, 2, 4 or 8 bytes. */
  number(at: number, size: number): number {
    this.need(at, size);
    if (size === 1) return this.bytes[at]!;
    if (size === 2) return this.#view.getUint16(at, true);
    if (size === 4) return this.#view.getUint32(at, true);
    // Exact up to 2^53; what is larger stays too large for any file.
    return this.#view.getUint32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true);
  }

  need(at: number, size: number): void {
    if (at + size > this.bytes.length) {
      throw new CorruptDataError(
        'truncated',
        this.bytes.length,
        `HDF5 structure at ${at} needs ${size} bytes, the file ends`,
      );
    }
  }
}

/** A place in a file that moves on as it is read. */
export class Cursor {
  readonly file: Hdf5File;
  position: number;

  constructor(file: Hdf5File, position: number) {
    this.file = file;
    this.position = position;
  }

  /** A whole number of `size` bytes, 0 … 8, lowest first. */
  number(size: number): number {
    const { file, position } = this;
    this.skip(size);
    if (size === 1 || size === 2 || size === 4 || size === 8) return file.number(position, size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + file.bytes[position + i]!;
    return value;
  }

  /** An address, or undefined for none (all bits set). */
  address(): number | undefined {
    const { offsetSize } = this.file;
    const address = this.number(offsetSize);
    return address >= 2 ** (8 * offsetSize) - 1 ? undefined : address;
  }

  /** A length in bytes, or a count. */
  length(): number {
    return this.number(this.file.lengthSize);
  }

  skip(size: number): void {
    this.file.need(this.position, size);
    this.position += size;
  }

  /** Bytes and texts count as data: structures may name the same ones again and again. */
  bytes(size: number): Uint8Array {
    const { position } = this;
    this.file.claim(size, position);
    this.skip(size);
    return this.file.bytes.subarray(position, position + size);
  }

  /** Text up to a zero byte, which is consumed. */
  text(): string {
    const { bytes } = this.file;
    const end = bytes.indexOf(0, this.position);
    if (end < 0) throw new CorruptDataError('truncated', bytes.length, 'HDF5 text without end');
    this.file.claim(end - this.position, this.position);
    const text = utf8(bytes.subarray(this.position, end));
    this.position = end + 1;
    return text;
  }

  /** @throws CorruptDataError if the next four bytes are not this signature */
  expect(signature: string): void {
    const { position } = this;
    const found = String.fromCharCode(...this.bytes(4));
    if (found !== signature)
      throw new CorruptDataError('bad-signature', position, `HDF5 structure "${signature}" expected`);
  }
}

export const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** @throws MissingPartError always: HDF5 has more than Keras writes, and more than is read here */
export function unsupported(what: string): never {
  throw new MissingPartError(
    'hdf5-feature',
    what,
    `HDF5 ${what} cannot be read here: rewrite the file with h5repack --low=0 --high=1, or save it from Keras again`,
  );
}
