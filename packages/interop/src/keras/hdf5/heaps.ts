import { CorruptDataError } from '@pare/core';
import { type Cursor, type Hdf5File, unsupported } from './file.ts';

/**
 * Finds a local heap's data, where names of an old group lie: `HEAP | 0 | size | free list | address`.
 *
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, section III.D
 */
export function localHeap(file: Hdf5File, address: number): number {
  const cursor = file.at(address);
  cursor.expect('HEAP');
  cursor.skip(4 + 2 * file.lengthSize);
  return cursor.address() ?? Infinity;
}

/**
 * Reads an object of a global heap, where texts of varying length lie:
 * `GCOL | 1 | size | (index u16 | references u16 | 0 u32 | size | data, padded to 8)*`.
 *
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, section III.E
 */
export function globalHeapObject(file: Hdf5File, address: number, wanted: number): Uint8Array {
  const cursor = file.at(address);
  cursor.expect('GCOL');
  cursor.skip(4);
  const end = Math.min(address + cursor.length(), file.bytes.length);
  while (cursor.position + 8 + file.lengthSize <= end) {
    file.step(cursor.position);
    const index = cursor.number(2);
    cursor.skip(6);
    const size = cursor.length();
    if (index === wanted && wanted !== 0) return cursor.bytes(size);
    if (index === 0) break; // free space: the rest
    cursor.skip(Math.ceil(size / 8) * 8);
  }
  throw new CorruptDataError('bad-heap', address, `HDF5 global heap has no object ${wanted}`);
}

/** Reads an object of a fractal heap, given a cursor at its id. */
export type FractalHeap = (id: Cursor) => Cursor;

/**
 * Opens a fractal heap, where links and attributes lie that are too many for a header. Its space is cut into rows of `width`
 * blocks; blocks of the first two rows have the starting size, of each further row twice the size of the row before; blocks
 * up to the largest size hold data, larger ones are again such a table.
 *
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, section III.G
 */
export function fractalHeap(file: Hdf5File, address: number): FractalHeap {
  const header = file.at(address);
  header.expect('FRHP');
  header.skip(1);
  const idSize = header.number(2);
  const filterSize = header.number(2);
  header.skip(1);
  const mostManaged = header.number(4);
  header.skip(10 * file.lengthSize + 2 * file.offsetSize);
  const width = header.number(2);
  const startSize = header.length();
  const largestSize = header.length();
  const bits = header.number(2);
  header.skip(2);
  const root = header.address();
  const rootRows = header.number(2);
  if (filterSize > 0) unsupported('heap with filters');
  if (root === undefined || !powerOf2(startSize) || !powerOf2(largestSize) || !powerOf2(width) || bits > 64) {
    throw new CorruptDataError('bad-heap', address, 'HDF5 fractal heap of impossible sizes');
  }
  const offsetBytes = Math.ceil(bits / 8);
  const lengthBytes = Math.min(Math.ceil(Math.log2(largestSize) / 8), Math.floor(Math.log2(mostManaged || 1) / 8) + 1);
  const rowSize = (row: number): number => startSize * 2 ** Math.max(0, row - 1);

  /** Where an offset of the heap's space lies in the file, in a block that begins at `start` of that space. */
  const locate = (block: number, rows: number, start: number, offset: number): number => {
    file.step(block);
    const cursor = file.at(block);
    if (rows === 0) {
      cursor.expect('FHDB');
      return block + (offset - start); // its own head counts as space
    }
    cursor.expect('FHIB');
    cursor.skip(1 + file.offsetSize + offsetBytes);
    let first = start;
    for (let row = 0; row < rows; row++) {
      const size = rowSize(row);
      if (offset < first + width * size) {
        const column = Math.floor((offset - first) / size);
        cursor.skip((row * width + column) * file.offsetSize);
        const child = cursor.address();
        if (child === undefined) break;
        // A table that covers `size`: its first row covers width · startSize, and each row doubles it.
        const childRows = size <= largestSize ? 0 : Math.log2(size / (width * startSize)) + 1;
        if (childRows >= rows || childRows < 0) break;
        return locate(child, childRows, first + column * size, offset);
      }
      first += width * size;
    }
    throw new CorruptDataError('bad-heap', block, `HDF5 fractal heap has no offset ${offset}`);
  };

  return (id) => {
    const end = id.position + idSize;
    const kind = id.number(1);
    if (kind >>> 4) unsupported('heap object that is huge or tiny');
    const offset = id.number(offsetBytes);
    const size = id.number(lengthBytes);
    id.position = end;
    const at = locate(root, rootRows, 0, offset);
    file.need(at, size);
    return file.at(at);
  };
}

const powerOf2 = (value: number): boolean => value >= 1 && value <= 2 ** 52 && Number.isInteger(Math.log2(value));
