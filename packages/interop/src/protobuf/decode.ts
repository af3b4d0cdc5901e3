import { CorruptDataError } from '@pare/core';
import { PbfReader } from 'pbf';
import { type AnyType, fieldsOf, type Schema } from './schema.ts';

/**
 * Reads a message of Protocol Buffers by its schema. Bytes and packed numbers are views or copies of what is there: nothing is
 * allocated that the bytes do not fill.
 *
 * @throws CorruptDataError if a field reaches beyond its message, or has another type than its schema says
 * @example
 * decodeMessage({ name: [1, 'string'], sizes: [2, 'ints'] }, Uint8Array.of(10, 1, 97, 16, 5, 16, 6)) // { name: 'a', sizes: [ 5, 6 ] }
 * @see protobuf.dev/programming-guides/encoding
 */
export function decodeMessage<T>(schema: Schema<T>, bytes: Uint8Array): T {
  const reader = new PbfReader(bytes);
  try {
    return decodeUntil(schema, reader, bytes.length) as T; // each field is what its type in the schema says
  } catch (error) {
    if (error instanceof CorruptDataError) throw error;
    // The reader's own: a number that does not end, or lies beyond the bytes.
    throw new CorruptDataError('protobuf', Math.min(reader.pos, bytes.length), 'a field is cut short', {
      cause: error,
    });
  }
}

/** A field, not yet read: its number, wire type, and content. */
export interface ScannedField {
  readonly number: number;
  readonly wire: number;
  /** What stands after its tag; of a field with a length, what stands after that. */
  readonly content: Uint8Array;
}

/**
 * Lists the fields of a message without reading them, for telling formats apart. Ends early, without an error, where something
 * is no field.
 *
 * @returns the fields, and whether the list ends where the bytes do
 */
export function scanFields(bytes: Uint8Array): { readonly fields: readonly ScannedField[]; readonly whole: boolean } {
  const reader = new PbfReader(bytes);
  const fields: ScannedField[] = [];
  try {
    while (reader.pos < bytes.length) {
      if (fields.length === MOST_SCANNED) return { fields, whole: false };
      const { number, wire, end } = readTag(reader, bytes.length);
      fields.push({ number, wire, content: bytes.subarray(reader.pos, end) });
      reader.pos = end;
    }
    return { fields, whole: true };
  } catch {
    return { fields, whole: false };
  }
}

// 65,536 fields: ten times as many as the largest network has layers.
const MOST_SCANNED = 2 ** 16;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

function decodeUntil<T>(schema: Schema<T>, reader: PbfReader, end: number): object {
  const fields = fieldsOf(schema);
  const message: Record<string, unknown> = {};
  while (reader.pos < end) {
    const { number, wire, end: next } = readTag(reader, end);
    const field = fields.get(number);
    if (field) {
      message[field.name] = decodeField(field.type, reader, wire, next, message[field.name]);
      if (reader.pos !== next) fail(reader, `field ${number} ("${field.name}") does not end where it should`);
    }
    reader.pos = next;
  }
  for (const { name, type } of fields.values()) {
    if (type === 'floats' && message[name]) message[name] = joined(asList(message[name]), (n) => new Float32Array(n));
    if (type === 'doubles' && message[name]) message[name] = joined(asList(message[name]), (n) => new Float64Array(n));
  }
  return message;
}

/** Reads what stands before a field; `end` is where the field ends, which is within its message. */
function readTag(reader: PbfReader, limit: number): { number: number; wire: number; end: number } {
  const tag = reader.readVarint();
  const number = Math.floor(tag / 8);
  const wire = tag % 8;
  if (number < 1 || number > 0x1fffffff) fail(reader, `field ${number} does not exist`);
  const begin = reader.pos;
  let end: number;
  if (wire === FIXED32) end = begin + 4;
  else if (wire === FIXED64) end = begin + 8;
  else if (wire === LENGTH) {
    const length = reader.readVarint();
    end = reader.pos + length;
  } else if (wire === VARINT) {
    reader.readVarint();
    end = reader.pos;
    reader.pos = begin;
  } else return fail(reader, `field ${number} has the type ${wire}, which is no longer in use`);
  if (end > limit) fail(reader, `field ${number} reaches beyond its message, to byte ${end} of ${limit}`);
  return { number, wire, end };
}

/** @param before - what earlier fields of the same number made: a repeated field adds to it, in place */
function decodeField(type: AnyType, reader: PbfReader, wire: number, end: number, before: unknown): unknown {
  const expect = (expected: number): void => {
    if (wire !== expected) fail(reader, `a field of type ${wire} where ${expected} was expected`);
  };
  if (typeof type === 'object') {
    if ('names' in type) {
      expect(VARINT);
      const value = reader.readVarint();
      return type.names[value] ?? `?${value}`;
    }
    expect(LENGTH);
    if ('message' in type) return decodeUntil(type.message, reader, end);
    return added(before, decodeUntil(type.messages, reader, end));
  }
  switch (type) {
    case 'bool':
      expect(VARINT);
      return reader.readVarint() !== 0;
    case 'int':
      expect(VARINT);
      return reader.readVarint(true);
    case 'float':
      expect(FIXED32);
      return reader.readFloat();
    case 'double':
      expect(FIXED64);
      return reader.readDouble();
    case 'string':
    case 'bytes': {
      expect(LENGTH);
      const bytes = reader.buf.subarray(reader.pos, end);
      reader.pos = end;
      return type === 'bytes' ? bytes : new TextDecoder().decode(bytes);
    }
    case 'strings':
      return added(before, decodeField('string', reader, wire, end, undefined));
    case 'ints': {
      const numbers = asList(before);
      if (wire !== LENGTH) expect(VARINT);
      while (reader.pos < end) numbers.push(reader.readVarint(true));
      return numbers;
    }
    case 'floats':
      if (wire !== LENGTH) return added(before, decodeField('float', reader, wire, end, undefined));
      return added(before, packed(reader, end, 4, new Float32Array((end - reader.pos) >>> 2), 'getFloat32'));
    case 'doubles':
      if (wire !== LENGTH) return added(before, decodeField('double', reader, wire, end, undefined));
      return added(before, packed(reader, end, 8, new Float64Array((end - reader.pos) >>> 3), 'getFloat64'));
  }
}

function packed<N extends Float32Array | Float64Array>(
  reader: PbfReader,
  end: number,
  size: 4 | 8,
  out: N,
  read: 'getFloat32' | 'getFloat64',
): N {
  if ((end - reader.pos) % size !== 0) fail(reader, `${end - reader.pos} bytes are no numbers of ${size}`);
  const { dataView, pos } = reader;
  for (let i = 0; i < out.length; i++) out[i] = dataView[read](pos + size * i, true);
  reader.pos = end;
  return out;
}

/** Makes one array of numbers and arrays of numbers. */
function joined<N extends Float32Array | Float64Array>(parts: unknown[], make: (length: number) => N): N {
  if (parts.length === 1 && ArrayBuffer.isView(parts[0])) return parts[0] as N; // the usual one run of packed numbers
  const runs = parts as (number | N)[];
  const out = make(runs.reduce<number>((sum, run) => sum + (typeof run === 'number' ? 1 : run.length), 0));
  let at = 0;
  for (const run of runs) {
    if (typeof run === 'number') out[at++] = run;
    else {
      out.set(run, at);
      at += run.length;
    }
  }
  return out;
}

function added(before: unknown, value: unknown): unknown[] {
  const list = asList(before);
  list.push(value);
  return list;
}

const asList = <V>(before: unknown): V[] => (before as V[] | undefined) ?? [];

function fail(reader: PbfReader, what: string): never {
  throw new CorruptDataError('protobuf', reader.pos, what);
}
