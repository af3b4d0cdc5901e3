import { CorruptDataError } from '@pare/core';
import { visitTree1, visitTree2 } from './btree.ts';
import { type Cursor, type Hdf5File, utf8 } from './file.ts';
import { fractalHeap, localHeap } from './heaps.ts';
import { MESSAGE, type Message, messageOf } from './messages.ts';

/**
 * Lists what a group contains: name → address of the object. Links that lead elsewhere (by path, to other files) are left out.
 *
 * An old group has a symbol table, a newer one link messages in its header, or where they are many in a heap of their own.
 *
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, sections III.B, IV.A.2.c, IV.A.2.g and IV.A.2.r
 */
export function readLinks(file: Hdf5File, messages: readonly Message[]): ReadonlyMap<string, number> {
  const links = new Map<string, number>();
  const table = messageOf(messages, MESSAGE.symbolTable);
  if (table) {
    const cursor = file.at(table.start);
    const [tree, heap] = [cursor.address(), cursor.address()];
    if (tree === undefined || heap === undefined)
      throw new CorruptDataError('bad-group', table.start, 'HDF5 group without a table');
    const names = localHeap(file, heap);
    visitTree1(file, tree, file.lengthSize, (_, child) => readSymbols(file, child, names, links));
  }
  for (const { kind, start, shared } of messages) if (kind === MESSAGE.link && !shared) readLink(file.at(start), links);
  const info = messageOf(messages, MESSAGE.linkInfo);
  if (info) {
    const cursor = file.at(info.start + 1);
    if (cursor.number(1) & 1) cursor.skip(8);
    const [heapAt, indexAt] = [cursor.address(), cursor.address()];
    if (heapAt !== undefined && indexAt !== undefined) {
      const heap = fractalHeap(file, heapAt);
      visitTree2(file, indexAt, (record) => {
        record.skip(4); // hash
        readLink(heap(record), links);
      });
    }
  }
  return links;
}

// SNOD | 1 | 0 | count u16 | (name's offset in the heap | address of the object | cache u32 | 0 u32 | scratch 16)*
function readSymbols(file: Hdf5File, address: number, names: number, links: Map<string, number>): void {
  const cursor = file.at(address);
  cursor.expect('SNOD');
  cursor.skip(2);
  const count = cursor.number(2);
  for (let i = 0; i < count; i++) {
    file.step(cursor.position);
    const name = file.at(names + cursor.number(file.offsetSize)).text();
    const object = cursor.address();
    cursor.skip(24);
    if (object !== undefined) add(links, name, object, cursor.position);
  }
}

// 1 | flags | type u8? | order u64? | charset u8? | size of the name u8 … u64 | name | address
function readLink(cursor: Cursor, links: Map<string, number>): void {
  cursor.skip(1);
  const flags = cursor.number(1);
  const type = flags & 8 ? cursor.number(1) : 0;
  if (flags & 4) cursor.skip(8);
  if (flags & 16) cursor.skip(1);
  const name = utf8(cursor.bytes(cursor.number(1 << (flags & 3))));
  if (type !== 0) return;
  const object = cursor.address();
  if (object !== undefined) add(links, name, object, cursor.position);
}

function add(links: Map<string, number>, name: string, object: number, at: number): void {
  // What cannot be found by its path is not a name.
  if (name === '' || name === '.' || name.includes('/'))
    throw new CorruptDataError('bad-name', at, 'HDF5 link without a name');
  links.set(name, object);
}
