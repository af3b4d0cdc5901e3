import { PbfWriter } from 'pbf';
import { type AnyType, fieldsOf, type Schema } from './schema.ts';

/**
 * Writes a message of Protocol Buffers by its schema, its fields in the order of the schema. What is undefined is left out;
 * zeros and empty strings are written.
 *
 * @example
 * encodeMessage({ name: [1, 'string'], sizes: [2, 'ints'] }, { name: 'a', sizes: [5, 6] }) // Uint8Array(7) [ 10, 1, 97, 18, 2, 5, 6 ]
 */
export function encodeMessage<T extends object>(schema: Schema<T>, message: T): Uint8Array {
  const writer = new PbfWriter();
  writeFields(schema, message as Readonly<Record<string, unknown>>, writer);
  return writer.finish().slice();
}

function writeFields<T>(schema: Schema<T>, message: Readonly<Record<string, unknown>>, writer: PbfWriter): void {
  for (const { name, number, type } of fieldsOf(schema).values()) {
    const value = message[name];
    if (value !== undefined) writeField(number, type, value, writer);
  }
}

function writeField(number: number, type: AnyType, value: unknown, writer: PbfWriter): void {
  if (typeof type === 'string') {
    SCALARS[type](writer, number, value);
  } else if ('names' in type) {
    const found = Object.entries(type.names).find(([, name]) => name === value);
    if (!found) throw new Error(`bug: "${value}" is none of ${Object.values(type.names).join(', ')}`);
    writer.writeVarintField(number, Number(found[0]));
  } else {
    const schema = 'message' in type ? type.message : type.messages;
    for (const message of 'message' in type ? [value] : (value as readonly unknown[])) {
      writer.writeMessage(
        number,
        (inner, to) => writeFields(schema, inner as Readonly<Record<string, unknown>>, to),
        message,
      );
    }
  }
}

type Write = (writer: PbfWriter, number: number, value: unknown) => void;

/** Each value is what its type becomes: `Schema` has seen to that. */
const SCALARS: Readonly<Record<Extract<AnyType, string>, Write>> = {
  bool: (writer, number, value) => writer.writeBooleanField(number, value as boolean),
  int: (writer, number, value) => writer.writeVarintField(number, value as number),
  float: (writer, number, value) => writer.writeFloatField(number, value as number),
  double: (writer, number, value) => writer.writeDoubleField(number, value as number),
  string: (writer, number, value) => writer.writeStringField(number, value as string),
  bytes: (writer, number, value) => writer.writeBytesField(number, value as Uint8Array),
  strings(writer, number, value) {
    for (const text of value as readonly string[]) writer.writeStringField(number, text);
  },
  // Of what is packed, only length and elements are read: typed arrays will do.
  ints: (writer, number, value) => writer.writePackedVarint(number, value as number[]),
  floats: (writer, number, value) => writer.writePackedFloat(number, value as number[]),
  doubles: (writer, number, value) => writer.writePackedDouble(number, value as number[]),
};
