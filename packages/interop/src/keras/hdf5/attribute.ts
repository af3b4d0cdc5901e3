import { elementCount } from '@pare/core';
import { toFloat32 } from '../../numbers.ts';
import { visitTree2 } from './btree.ts';
import { readDataspace, readDatatype, readText } from './datatype.ts';
import { type Cursor, type Hdf5File, unsupported, utf8 } from './file.ts';
import { fractalHeap } from './heaps.ts';
import { MESSAGE, type Message, messageOf } from './messages.ts';

/** What an attribute says: texts or numbers, in the order of its elements; one alone is a list of one. */
export type AttributeValue = readonly string[] | readonly number[];

/**
 * Lists an object's attributes by name; what an attribute says is read when it is asked for. They lie in the header, or
 * where they are many in a heap of their own.
 *
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, sections IV.A.2.m and IV.A.2.v
 */
export function readAttributes(
  file: Hdf5File,
  messages: readonly Message[],
): ReadonlyMap<string, () => AttributeValue> {
  const attributes = new Map<string, () => AttributeValue>();
  const add = (cursor: Cursor): void => {
    const [name, read] = readAttribute(cursor);
    attributes.set(name, read);
  };
  for (const { kind, start, shared } of messages) {
    if (kind === MESSAGE.attribute && !shared) add(file.at(start));
  }
  const info = messageOf(messages, MESSAGE.attributeInfo);
  if (info) {
    const cursor = file.at(info.start + 1);
    if (cursor.number(1) & 1) cursor.skip(2);
    const heapAt = cursor.address();
    const indexAt = cursor.address();
    if (heapAt !== undefined && indexAt !== undefined) {
      const heap = fractalHeap(file, heapAt);
      visitTree2(file, indexAt, (record) => add(heap(record))); // id | flags | order | hash
    }
  }
  return attributes;
}

/** `version | flags | size of name, type, space u16 | charset (version 3) | name | type | space | data`; version 1 pads to 8. */
function readAttribute(cursor: Cursor): readonly [string, () => AttributeValue] {
  const version = cursor.number(1);
  const flags = cursor.number(1);
  const [nameSize, typeSize, spaceSize] = [cursor.number(2), cursor.number(2), cursor.number(2)];
  if (version === 3) cursor.skip(1);
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const name = utf8(cursor.bytes(padded(nameSize)).subarray(0, nameSize)).replace(/\0.*$/s, '');
  const typeAt = cursor.position;
  const spaceAt = typeAt + padded(typeSize);
  const dataAt = spaceAt + padded(spaceSize);
  const { file } = cursor;
  return [
    name,
    () => {
      if (flags & 3) unsupported(`attribute "${name}" with a shared type`);
      const type = readDatatype(file.at(typeAt));
      const shape = readDataspace(file.at(spaceAt));
      const count = shape ? elementCount(shape) : 0;
      file.need(dataAt, count * type.size);
      const data = file.at(dataAt);
      switch (type.kind) {
        case 'number':
          return Array.from(toFloat32(data.bytes(count * type.size), type.type, type.littleEndian));
        case 'opaque':
          return unsupported(`attribute "${name}" of unexplained bytes`);
        default:
          return Array.from({ length: count }, (_, i) => {
            file.step(dataAt);
            return readText(file.at(dataAt + i * type.size), type);
          });
      }
    },
  ];
}
