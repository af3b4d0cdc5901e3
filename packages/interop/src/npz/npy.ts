import { CorruptDataError, type Shape } from '@pare/core';
import { NUMBER_SIZE, type NumberType, toFloat32 } from '../numbers.ts';
import type { StoredTensor } from '../tensor-list.ts';

/**
 * Reads an array as numpy saves it.
 *
 * ```
 * 0x93 "NUMPY" | major:u8 minor:u8 | length:u16 (u32 from version 2 on) | header | data
 * header: {'descr': '<f4', 'fortran_order': False, 'shape': (20, 1, 5, 5), }
 * ```
 *
 * Python objects are named, never unpickled. Fortran order becomes row-major.
 *
 * @throws CorruptDataError if it is no such array, or not as long as it says
 * @see numpy.lib.format, NEP 1
 */
export function readNpy(name: string, bytes: Uint8Array): StoredTensor {
  const { shape, descr, code, littleEndian, fortran, data, refuse } = openNpy(name, bytes);
  const type = TYPES[code];
  const stored = { name, shape, type: descr };
  if (!type) return { ...stored, values: undefined };
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (data.length !== count * NUMBER_SIZE[type]) {
    refuse(`shape [${shape.join(', ')}] of ${descr} in ${data.length} bytes`);
  }
  const values = () => {
    const numbers = toFloat32(data, type, littleEndian);
    return fortran ? rowMajor(numbers, shape) : numbers;
  };
  return { ...stored, values, rounded: type === 'float64' };
}

/** An array as numpy saved it, its numbers not yet read. */
export interface NpyParts {
  readonly shape: Shape;
  /** As the header has it: `'<f4'`. */
  readonly descr: string;
  /** The same without the order of bytes: `'f4'`. */
  readonly code: string;
  readonly littleEndian: boolean;
  readonly fortran: boolean;
  /** What stands behind the header, of any length. */
  readonly data: Uint8Array;
  readonly refuse: (what: string) => never;
}

/** @throws CorruptDataError if the header is none */
export function openNpy(name: string, bytes: Uint8Array): NpyParts {
  const { header, start } = readHeader(name, bytes);
  const refuse = (what: string): never => {
    throw new CorruptDataError('npy', 0, `"${name}" has ${what}`);
  };
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1] ?? refuse('no order of its elements');
  const inside = /'shape'\s*:\s*\(([\s\dL,]*)\)/.exec(header)?.[1] ?? refuse('no shape');
  const shape = inside.split(',').flatMap((extent) => (extent.trim() === '' ? [] : [Number.parseInt(extent, 10)]));
  if (shape.length > 64) refuse(`${shape.length} dimensions`); // numpy itself stops at 64
  const described = /'descr'\s*:\s*('([^']*)'|\[)/.exec(header) ?? refuse('no type');
  const [order, kind, size] = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(described[2] ?? '')?.slice(1) ?? ['', 'V', ''];
  return {
    shape,
    descr: described[2] ?? 'a structure',
    code: `${kind}${size}`,
    littleEndian: order !== '>',
    fortran: fortran === 'True',
    data: bytes.subarray(start),
    refuse,
  };
}

/** Numbers that can be weights. Integers in a file of arrays are counters and settings. */
const TYPES: Readonly<Partial<Record<string, NumberType>>> = { f2: 'float16', f4: 'float32', f8: 'float64' };

function readHeader(name: string, bytes: Uint8Array): { header: string; start: number } {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
  const major = bytes[6] ?? 0;
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte) || major < 1 || major > 3) {
    throw new CorruptDataError('npy', 0, `"${name}" is no array of numpy, version 1 to 3`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = major === 1 ? 10 : 12;
  const start = begin + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) throw new CorruptDataError('truncated', bytes.length, `"${name}" ends within its header`);
  return { header: new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(begin, start)), start };
}

/** Fortran order counts the first index fastest: element (i, j, …) stands at i + j·I + … */
export function rowMajor<T extends Float32Array | Float64Array | Uint8Array>(numbers: T, shape: Shape): T {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, extent) => product * extent, 1));
  const index = shape.map(() => 0);
  const ordered = numbers.slice() as T;
  let from = 0;
  for (let to = 0; to < ordered.length; to++) {
    ordered[to] = numbers[from]!;
    // Counts the last index up, carrying into those before it.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return ordered;
}

/** Writes an array as numpy saves it: version 1, little-endian float32, row-major. */
export function writeNpy(shape: Shape, values: Float32Array): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${tuple}), }`;
  const start = 64 * Math.ceil((10 + header.length + 1) / 64); // numpy aligns the data to 64 bytes
  const bytes = new Uint8Array(start + 4 * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10);
  for (let i = 0; i < values.length; i++) view.setFloat32(start + 4 * i, values[i]!, true);
  return bytes;
}
