import { CorruptDataError } from '@pare/core';
import { type Cursor, type Hdf5File, unsupported } from './file.ts';

/**
 * Visits the leaves of a B-tree of version 1, in order: `TREE | type | level | count | left | right | key0 child0 key1 … keyN`.
 *
 * @param visit - gets a cursor at each key of a leaf, and the address of its child
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, section III.A.1
 */
export function visitTree1(
  file: Hdf5File,
  address: number,
  keySize: number,
  visit: (key: Cursor, child: number) => void,
  parentLevel = 256,
): void {
  file.step(address);
  const cursor = file.at(address);
  cursor.expect('TREE');
  cursor.skip(1);
  const level = cursor.number(1);
  if (level >= parentLevel) throw new CorruptDataError('bad-tree', address, 'HDF5 B-tree does not descend');
  const count = cursor.number(2);
  cursor.skip(2 * file.offsetSize);
  for (let i = 0; i < count; i++) {
    const key = file.at(cursor.position);
    cursor.skip(keySize);
    const child = cursor.address();
    if (child === undefined) throw new CorruptDataError('bad-tree', cursor.position, 'HDF5 B-tree without a child');
    if (level > 0) visitTree1(file, child, keySize, visit, level);
    else {
      file.step(child);
      visit(key, child);
    }
  }
}

/**
 * Visits the records of a B-tree of version 2, in order.
 *
 * @param visit - gets a cursor at each record
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, section III.A.2
 */
export function visitTree2(file: Hdf5File, address: number, visit: (record: Cursor) => void): void {
  const header = file.at(address);
  header.expect('BTHD');
  header.skip(2);
  const nodeSize = header.number(4);
  const recordSize = header.number(2);
  const depth = header.number(2);
  header.skip(2);
  const root = header.address();
  const rootCount = header.number(2);
  if (root === undefined || rootCount === 0) return;
  if (recordSize === 0) throw new CorruptDataError('bad-tree', address, 'HDF5 B-tree with records of no size');

  // A child is named by address, count, and from the second level on the count of all below; both counts take as many bytes
  // as the most that a node of that level can hold. 10: signature, version, type, checksum.
  const counts: { readonly most: number; readonly all: number }[] = [];
  for (let level = 0; level <= Math.min(depth, 16); level++) {
    const below = counts[level - 1];
    const pointer = below ? file.offsetSize + bytesOf(counts[0]!.most) + (level > 1 ? bytesOf(below.all) : 0) : 0;
    const most = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer));
    if (most < 1) throw new CorruptDataError('bad-tree', address, 'HDF5 B-tree with nodes of no size');
    counts.push({ most, all: below ? (most + 1) * below.all + most : most });
  }
  if (depth > 16) unsupported('B-tree of more than 16 levels');

  const visitNode = (at: number, count: number, level: number): void => {
    const cursor = file.at(at);
    cursor.expect(level > 0 ? 'BTIN' : 'BTLF');
    cursor.skip(2);
    const children = file.at(cursor.position + count * recordSize);
    const descend = (): void => {
      if (level === 0) return;
      const child = children.address();
      const childCount = children.number(bytesOf(counts[0]!.most));
      if (level > 1) children.skip(bytesOf(counts[level - 1]!.all));
      if (child === undefined) throw new CorruptDataError('bad-tree', children.position, 'HDF5 B-tree without a child');
      visitNode(child, childCount, level - 1);
    };
    descend();
    for (let i = 0; i < count; i++) {
      file.step(cursor.position);
      visit(file.at(cursor.position));
      cursor.skip(recordSize);
      descend();
    }
  };
  visitNode(root, rootCount, depth);
}

/** Bytes that hold numbers up to `most`. */
const bytesOf = (most: number): number => Math.max(1, Math.ceil(Math.log2(most + 1) / 8));
