import { CorruptDataError } from '@pare/core';

/** An array of bytes with its dimensions, outermost first. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/**
 * Reads an idx file of unsigned bytes, the container MNIST comes in.
 *
 *     0  0  type:u8 (8 = unsigned byte)  rank:u8 | rank × length:u32 big-endian | one byte per element, row-major
 *
 * @param bytes - the whole file, decompressed
 * @returns the dimensions and a view (not a copy) of the elements
 * @throws CorruptDataError if a length in the header does not agree with the bytes that are there
 * @example
 * parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)).values // Uint8Array [7, 9]
 * @see LeCun, Cortes, Burges: The MNIST database of handwritten digits, "File formats"
 */
export function parseIdx(bytes: Uint8Array): IdxArray {
  if (bytes.length < 4)
    throw new CorruptDataError('truncated', bytes.length, 'expected the 4-byte magic of an idx file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const rank = magic & 255;
  if (magic >>> 8 !== UNSIGNED_BYTE || rank < 1 || rank > MAX_RANK) {
    throw new CorruptDataError('magic', 0, `expected idx magic 2049 … ${2048 + MAX_RANK}, got ${magic}`);
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new CorruptDataError('truncated', bytes.length, `expected ${rank} dimensions, ${start} bytes of header`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  // Checked factor by factor: a product of eight 32-bit lengths would leave the whole numbers a double can hold.
  let count = 1;
  for (const [axis, length] of shape.entries()) {
    count *= length;
    if (count > MAX_ELEMENTS) {
      throw new CorruptDataError(
        'limit',
        4 + 4 * axis,
        `dimensions ${shape.join(' × ')} exceed ${MAX_ELEMENTS} elements`,
      );
    }
  }
  if (bytes.length !== start + count) {
    throw new CorruptDataError(
      bytes.length < start + count ? 'truncated' : 'trailing',
      Math.min(bytes.length, start + count),
      `expected ${start + count} bytes for dimensions ${shape.join(' × ')}, got ${bytes.length}`,
    );
  }
  return { shape, values: bytes.subarray(start) };
}

/**
 * Writes the idx file that `parseIdx` reads.
 *
 * @throws RangeError if the dimensions do not multiply to the number of values
 */
export function formatIdx({ shape, values }: IdxArray): Uint8Array {
  const rank = shape.length;
  const count = shape.reduce((product, length) => product * length, 1);
  if (rank < 1 || rank > MAX_RANK || count !== values.length) {
    throw new RangeError(
      `formatIdx: "shape" expected 1 … ${MAX_RANK} lengths of product ${values.length}, got [${shape}]`,
    );
  }
  const bytes = new Uint8Array(4 + 4 * rank + count);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (UNSIGNED_BYTE << 8) | rank);
  for (const [axis, length] of shape.entries()) view.setUint32(4 + 4 * axis, length);
  bytes.set(values, 4 + 4 * rank);
  return bytes;
}

const UNSIGNED_BYTE = 8; // the type code, in the third byte of the magic
const MAX_RANK = 8; // no published idx file has more than 4
const MAX_ELEMENTS = 2 ** 31; // no typed array that an engine gives us for sure is longer
