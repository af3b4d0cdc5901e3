import { CorruptDataError, type Shape } from '@pare/core';
import { type AttributeValue, readAttributes } from './attribute.ts';
import { readDataset } from './dataset.ts';
import type { Datatype } from './datatype.ts';
import { Hdf5File, unsupported } from './file.ts';
import { readLinks } from './links.ts';
import { MESSAGE, type Message, messageOf, readMessages } from './messages.ts';

/** A thing in a file: a group has members, a dataset has data. */
export interface Hdf5Object {
  /** For messages: `/model_weights/fc`. */
  readonly path: string;
  /** Says what an attribute says: its texts or numbers; undefined if there is none of that name. */
  attribute(name: string): AttributeValue | undefined;
  /** Names of its members, in the file's order; none in a dataset. */
  members(): readonly string[];
  /** A member, or a member's member: `'fc/kernel:0'`; undefined if there is none. */
  find(path: string): Hdf5Object | undefined;
  /** Its data; undefined in a group. */
  data(): Hdf5Data | undefined;
}

export interface Hdf5Data {
  readonly shape: Shape;
  readonly type: Datatype;
  /** Row-major, as the type says. */
  bytes(): Uint8Array;
}

const SIGNATURE = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);

/** Tells whether bytes begin as an HDF5 file does. */
export const isHdf5 = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);

/**
 * Opens an HDF5 file and gives its root. Nothing is read before it is asked for.
 *
 * Reads what h5py writes: all versions of groups, headers and attributes, numbers and texts, data in one run or in chunks
 * (deflated, shuffled). Any file ends in an answer or an error after a bounded number of steps, and takes memory in
 * proportion to its size.
 *
 * @throws CorruptDataError
 * @throws MissingPartError where the file uses what is not read here
 * @see HDF5 File Format Specification 3.0, section II.A
 */
export function openHdf5(bytes: Uint8Array): Hdf5Object {
  if (!isHdf5(bytes)) throw new CorruptDataError('bad-signature', 0, 'not an HDF5 file');
  const file = new Hdf5File(bytes);
  const cursor = file.at(8);
  const version = cursor.number(1);
  if (version > 3) unsupported(`superblock of version ${version}`);
  if (version < 2) cursor.skip(4);
  file.offsetSize = sizeOf(cursor.number(1));
  file.lengthSize = sizeOf(cursor.number(1));
  cursor.skip(version < 2 ? 9 : 1);
  if (version === 1) cursor.skip(4);
  const base = cursor.address();
  if (base !== 0) unsupported('file that begins in the middle');
  cursor.address(); // free space, or extension
  cursor.address(); // end of the file
  if (version < 2) {
    cursor.address(); // driver
    cursor.address(); // the root's name
  }
  return openObject(file, cursor.address() ?? Infinity, '');
}

const sizeOf = (size: number): 4 | 8 => (size === 4 || size === 8 ? size : unsupported(`addresses of ${size} bytes`));

function openObject(file: Hdf5File, address: number, path: string): Hdf5Object {
  // Members are opened by path again and again: each is read once.
  let links: ReadonlyMap<string, number> | undefined;
  let attributes: ReadonlyMap<string, () => AttributeValue> | undefined;
  let messages: readonly Message[] | undefined;
  const header = (): readonly Message[] => (messages ??= readMessages(file, address));
  const members = (): ReadonlyMap<string, number> => (links ??= readLinks(file, header()));
  const opened = new Map<string, Hdf5Object>();
  return {
    path: path || '/',
    attribute: (name) => (attributes ??= readAttributes(file, header())).get(name)?.(),
    members: () => [...members().keys()],
    find(wanted) {
      const [first = '', ...rest] = wanted.split('/').filter((part) => part !== '' && part !== '.');
      const at = members().get(first);
      if (at === undefined) return undefined;
      const member = opened.get(first) ?? openObject(file, at, `${path}/${first}`);
      opened.set(first, member);
      return rest.length > 0 ? member.find(rest.join('/')) : member;
    },
    data: () => (messageOf(header(), MESSAGE.layout) ? readDataset(file, header()) : undefined),
  };
}
