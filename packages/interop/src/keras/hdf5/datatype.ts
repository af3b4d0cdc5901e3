import { CorruptDataError } from '@pare/core';
import type { NumberType } from '../../numbers.ts';
import { type Cursor, unsupported, utf8 } from './file.ts';
import { globalHeapObject } from './heaps.ts';

/** What one element is: a number, a text of fixed or varying length, or bytes that nobody explained. */
export type Datatype =
  | { readonly kind: 'number'; readonly type: NumberType; readonly size: number; readonly littleEndian: boolean }
  | { readonly kind: 'text'; readonly size: number }
  | { readonly kind: 'long-text'; readonly size: number }
  | { readonly kind: 'opaque'; readonly size: number };

// Far more than any file has, and far less than where counting bytes would round.
const MOST_ELEMENTS = 2 ** 40;

/** Classes of datatypes. */
const FIXED = 0;
const FLOAT = 1;
const TEXT = 3;
const OPAQUE = 5;
const ENUMERATION = 8;
const VARYING = 9;

/**
 * Reads a datatype: `class u4 | version u4 | flags u24 | size u32 | properties`.
 *
 * @throws CorruptDataError
 * @throws MissingPartError if it is a kind of data that networks do not use
 * @see HDF5 File Format Specification 3.0, section IV.A.2.d
 */
export function readDatatype(cursor: Cursor): Datatype {
  const start = cursor.position;
  const kind = cursor.number(1) & 15;
  const flags = cursor.number(3);
  const size = cursor.number(4);
  if (size === 0) throw new CorruptDataError('bad-type', start, 'HDF5 datatype of size 0');
  const littleEndian = (flags & 1) === 0;
  switch (kind) {
    case FIXED: {
      const type = `${flags & 8 ? '' : 'u'}int${8 * size}`;
      return isInteger(type) ? { kind: 'number', type, size, littleEndian } : unsupported(`datatype ${type}`);
    }
    case FLOAT: {
      cursor.skip(5); // bit offset, precision, place of the exponent
      const type = FLOATS[`${size} ${cursor.number(1)}`]; // bits of the exponent
      if (!type || flags & 0x40) return unsupported(`datatype of floating point in ${size} bytes`);
      return { kind: 'number', type, size, littleEndian };
    }
    case TEXT:
      return { kind: 'text', size };
    case OPAQUE:
      return { kind: 'opaque', size };
    case ENUMERATION: {
      cursor.file.step(start);
      const base = readDatatype(cursor); // as NumPy's booleans are
      return base.kind === 'number' ? base : unsupported('enumeration of other things than numbers');
    }
    case VARYING:
      return (flags & 15) === 1 ? { kind: 'long-text', size } : unsupported('sequences of varying length');
    default:
      return unsupported(`datatype of class ${kind}`);
  }
}

/** By size and bits of the exponent. */
const FLOATS: Readonly<Record<string, NumberType>> = {
  '2 5': 'float16',
  '2 8': 'bfloat16',
  '4 8': 'float32',
  '8 11': 'float64',
};

const INTEGERS: readonly NumberType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'];
const isInteger = (type: string): type is NumberType => (INTEGERS as readonly string[]).includes(type);

/** Reads one text. */
export function readText(cursor: Cursor, type: Datatype & { kind: 'text' | 'long-text' }): string {
  const { file } = cursor;
  if (type.kind === 'text') return beforeZero(cursor.bytes(type.size));
  // size u32 | address of a global heap | index u32
  cursor.skip(4);
  const address = cursor.address();
  const index = cursor.number(4);
  return address === undefined || address === 0 ? '' : beforeZero(globalHeapObject(file, address, index));
}

const beforeZero = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0);
  return utf8(end < 0 ? bytes : bytes.subarray(0, end));
};

/**
 * Reads a dataspace: how many elements there are, by dimension. One number is `[]`, nothing at all `undefined`.
 *
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, section IV.A.2.b
 */
export function readDataspace(cursor: Cursor): readonly number[] | undefined {
  const start = cursor.position;
  const version = cursor.number(1);
  const rank = cursor.number(1);
  cursor.skip(1);
  if (version !== 1 && version !== 2)
    throw new CorruptDataError('bad-version', start, 'HDF5 dataspace of unknown version');
  if (version === 1) cursor.skip(5);
  else if (cursor.number(1) === 2) return undefined;
  const shape = Array.from({ length: rank }, () => cursor.length());
  // One factor may be 0, which hides how large the others are: each alone must be a length, too.
  if ([...shape, shape.reduce((count, extent) => count * extent, 1)].some((count) => !(count < MOST_ELEMENTS))) {
    throw new CorruptDataError('limit', start, `HDF5 dataspace of [${shape}]`);
  }
  return shape;
}
