import { CorruptDataError, elementCount, type Shape } from '@pare/core';
import { inflateZlib } from '../../inflate.ts';
import { visitTree1 } from './btree.ts';
import { type Datatype, readDataspace, readDatatype } from './datatype.ts';
import { type Cursor, type Hdf5File, unsupported } from './file.ts';
import { MESSAGE, type Message, messageOf } from './messages.ts';

/** Numbers as they lie in a file. */
export interface Stored {
  readonly shape: Shape;
  readonly type: Datatype;
  /** Its bytes, row-major. */
  readonly bytes: () => Uint8Array;
}

/**
 * Reads where a dataset lies and what it is made of. The bytes are one run in the file, or chunks that may be shuffled,
 * deflated, and followed by a checksum.
 *
 * @throws CorruptDataError
 * @throws MissingPartError if it is laid out in a way that Keras does not use
 * @see HDF5 File Format Specification 3.0, section IV.A.2.i
 */
export function readDataset(file: Hdf5File, messages: readonly Message[]): Stored {
  const [space, typeMessage, layout] = [MESSAGE.dataspace, MESSAGE.datatype, MESSAGE.layout].map((kind) => {
    const message = messageOf(messages, kind);
    if (!message) throw new CorruptDataError('bad-dataset', 0, 'HDF5 dataset without shape, type or layout');
    return message.shared ? unsupported('dataset with a shared type') : file.at(message.start);
  }) as [Cursor, Cursor, Cursor];
  const shape = readDataspace(space) ?? [0];
  const type = readDatatype(typeMessage);
  const size = elementCount(shape) * type.size;

  const start = layout.position;
  const version = layout.number(1);
  const kind = layout.number(1);
  if (version !== 3 && !(version === 4 && kind < 2)) unsupported(`layout of version ${version}`);
  const whole = (at: number | undefined, stored: number): Stored => {
    if (size > stored)
      throw new CorruptDataError('bad-dataset', start, `HDF5 dataset of ${size} bytes has only ${stored}`);
    if (at === undefined && size > 0)
      throw new CorruptDataError('bad-dataset', start, 'HDF5 dataset was never written');
    return {
      shape,
      type,
      bytes: () => (size === 0 ? new Uint8Array() : file.at(at!).bytes(size)),
    };
  };
  if (kind === 0) {
    const stored = layout.number(2);
    return whole(layout.position, stored);
  }
  if (kind === 1) {
    const at = layout.address();
    return whole(at, layout.length());
  }
  if (kind !== 2) return unsupported('virtual dataset');
  const rank = layout.number(1) - 1;
  const tree = layout.address();
  const chunk = Array.from({ length: Math.max(0, rank) }, () => layout.number(4));
  const elementSize = layout.number(4);
  if (rank !== shape.length || elementSize !== type.size || chunk.some((extent) => extent === 0)) {
    throw new CorruptDataError('bad-dataset', start, 'HDF5 chunks do not fit their dataset');
  }
  const filters = readFilters(file, messageOf(messages, MESSAGE.filters));
  return { shape, type, bytes: () => readChunks(file, { shape, chunk, elementSize, tree, filters, start }) };
}

interface Chunked {
  readonly shape: Shape;
  readonly chunk: Shape;
  readonly elementSize: number;
  readonly tree: number | undefined;
  readonly filters: readonly Filter[];
  readonly start: number;
}

// A key of the tree: bytes u32 | filters left out u32 | offset u64 of each dimension, and one more
function readChunks(file: Hdf5File, { shape, chunk, elementSize, tree, filters, start }: Chunked): Uint8Array {
  const rank = shape.length;
  const chunkSize = elementCount(chunk) * elementSize;
  file.claim(elementCount(shape) * elementSize, start);
  const whole = new Uint8Array(elementCount(shape) * elementSize);
  const expected = shape.reduce((count, extent, i) => count * Math.ceil(extent / chunk[i]!), 1);
  const seen = new Set<string>();
  const take = (key: Cursor, child: number): void => {
    const stored = key.number(4);
    const leftOut = key.number(4);
    const offset = Array.from({ length: rank }, () => key.number(8));
    if (offset.some((at, i) => at >= shape[i]! || at % chunk[i]! !== 0) || seen.has(offset.join())) {
      throw new CorruptDataError('bad-dataset', child, `HDF5 chunk at [${offset}] is out of place`);
    }
    seen.add(offset.join());
    file.claim(chunkSize, child);
    let bytes = file.at(child).bytes(stored);
    for (let i = filters.length - 1; i >= 0; i--) {
      if (!((leftOut >>> i) & 1)) bytes = filters[i]!(bytes, chunkSize, elementSize, child);
    }
    if (bytes.length !== chunkSize) throw new CorruptDataError('bad-dataset', child, 'HDF5 chunk of wrong size');
    copyChunk(bytes, whole, { shape, chunk, elementSize, offset });
  };
  if (tree !== undefined) visitTree1(file, tree, 8 + 8 * (rank + 1), take);
  if (seen.size !== expected && whole.length > 0) {
    throw new CorruptDataError('bad-dataset', start, `HDF5 dataset has ${seen.size} of ${expected} chunks`);
  }
  return whole;
}

/** Copies a chunk's rows to their places; what sticks out beyond the dataset is left. */
function copyChunk(
  from: Uint8Array,
  to: Uint8Array,
  { shape, chunk, elementSize, offset }: Pick<Chunked, 'shape' | 'chunk' | 'elementSize'> & { readonly offset: Shape },
): void {
  const rank = shape.length;
  const copy = (dimension: number, source: number, target: number): void => {
    const extent = dimension === rank ? 1 : Math.min(chunk[dimension]!, shape[dimension]! - offset[dimension]!);
    if (dimension >= rank - 1) {
      const at = target * (shape[dimension] ?? 1) + (offset[dimension] ?? 0);
      const first = source * (chunk[dimension] ?? 1) * elementSize;
      to.set(from.subarray(first, first + extent * elementSize), at * elementSize);
      return;
    }
    for (let i = 0; i < extent; i++) {
      copy(dimension + 1, source * chunk[dimension]! + i, target * shape[dimension]! + offset[dimension]! + i);
    }
  };
  copy(0, 0, 0);
}

type Filter = (bytes: Uint8Array, chunkSize: number, elementSize: number, at: number) => Uint8Array;

/** `version | count | (id u16 | name size u16 (version 1, or id ≥ 256) | flags u16 | values u16 | name | value u32 …)*` */
function readFilters(file: Hdf5File, message: Message | undefined): readonly Filter[] {
  if (!message) return [];
  const cursor = file.at(message.start);
  const version = cursor.number(1);
  const count = cursor.number(1);
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => {
    const id = cursor.number(2);
    const nameSize = version === 1 || id >= 256 ? cursor.number(2) : 0;
    cursor.skip(2);
    const values = cursor.number(2);
    cursor.skip(version === 1 ? Math.ceil(nameSize / 8) * 8 : nameSize);
    cursor.skip(4 * (version === 1 ? values + (values & 1) : values));
    return FILTERS[id] ?? unsupported(`filter ${id}`);
  });
}

/** By their number. */
const FILTERS: Readonly<Record<number, Filter>> = {
  1: (bytes, chunkSize, _, at) => {
    try {
      return inflateZlib(bytes, chunkSize);
    } catch (cause) {
      throw new CorruptDataError('bad-deflate', at, `HDF5 chunk: ${(cause as Error).message}`, { cause });
    }
  },
  // Shuffle: all first bytes of the elements, then all second bytes, …
  2: (bytes, _, elementSize) => {
    const count = Math.floor(bytes.length / elementSize);
    const out = bytes.slice();
    for (let byte = 0; byte < elementSize; byte++) {
      for (let i = 0; i < count; i++) out[i * elementSize + byte] = bytes[byte * count + i]!;
    }
    return out;
  },
  // Fletcher32: a checksum of four bytes at the end.
  3: (bytes) => bytes.subarray(0, Math.max(0, bytes.length - 4)),
};
