/** How files hold a number. */
export type NumberType =
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32';

/** Bytes of a number. */
export const NUMBER_SIZE: Readonly<Record<NumberType, number>> = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
};

/**
 * Reads numbers into float32: exactly, but for float64 and large integers, which are rounded.
 *
 * @param bytes - as many as the numbers take; a remainder is left alone
 * @param littleEndian - default true
 * @example
 * toFloat32(Uint8Array.of(0x00, 0x3c, 0x00, 0xc0), 'float16') // Float32Array(2) [ 1, -2 ]
 */
export function toFloat32(bytes: Uint8Array, type: NumberType, littleEndian = true): Float32Array {
  const size = NUMBER_SIZE[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float32Array(Math.floor(bytes.length / size));
  const read = READERS[type];
  // float32, most of what is read, gets a loop of its own: ten times as fast as a call a number.
  if (type === 'float32') for (let i = 0; i < numbers.length; i++) numbers[i] = view.getFloat32(4 * i, littleEndian);
  else for (let i = 0; i < numbers.length; i++) numbers[i] = read(view, i * size, littleEndian);
  return numbers;
}

/** Index of the first number that is infinite or none, or −1. */
export function firstNonFinite(numbers: Float32Array): number {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return i;
  return -1;
}

/**
 * Reads a float16: sign, 5 bits of exponent, 10 of fraction.
 *
 * @param bits - 0 … 65535
 * @example
 * fromFloat16(0x3555) // 0.333251953125
 * @see IEEE 754-2008, binary16
 */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

type Read = (view: DataView, at: number, littleEndian: boolean) => number;

const asFloat = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));

const READERS: Readonly<Record<NumberType, Read>> = {
  float16: (view, at, littleEndian) => fromFloat16(view.getUint16(at, littleEndian)),
  bfloat16(view, at, littleEndian) {
    asFloat.setUint32(0, view.getUint16(at, littleEndian) << 16); // the upper half of a float32
    return asFloat.getFloat32(0);
  },
  float32: (view, at, littleEndian) => view.getFloat32(at, littleEndian),
  float64: (view, at, littleEndian) => view.getFloat64(at, littleEndian),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  int16: (view, at, littleEndian) => view.getInt16(at, littleEndian),
  uint16: (view, at, littleEndian) => view.getUint16(at, littleEndian),
  int32: (view, at, littleEndian) => view.getInt32(at, littleEndian),
  uint32: (view, at, littleEndian) => view.getUint32(at, littleEndian),
};
