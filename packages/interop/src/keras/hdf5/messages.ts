import { CorruptDataError } from '@pare/core';
import type { Cursor, Hdf5File } from './file.ts';

/** Kinds of messages that are read here. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** A part of an object's header. */
export interface Message {
  readonly kind: number;
  /** Whether its content lies elsewhere, shared with other objects. */
  readonly shared: boolean;
  /** Where its content begins in the file. */
  readonly start: number;
  readonly size: number;
}

/**
 * Lists the messages of an object: what it is, where its data lies, its attributes.
 *
 * A header of version 1 is `1 | 0 | count u16 | references u32 | size u32 | pad to 8 | messages`, of version 2
 * `OHDR | 2 | flags | times? | phase? | size | messages | checksum`. Both go on in other places by continuation messages.
 *
 * @throws CorruptDataError
 * @see HDF5 File Format Specification 3.0, section IV.A
 */
export function readMessages(file: Hdf5File, address: number): readonly Message[] {
  const messages: Message[] = [];
  const cursor = file.at(address);
  const version = cursor.number(1);
  if (version === 1) {
    cursor.skip(1);
    const count = cursor.number(2);
    cursor.skip(4);
    const size = cursor.number(4);
    cursor.skip(4);
    const blocks: Block[] = [{ start: cursor.position, size }];
    for (const block of blocks) readBlock1(file, block, count, messages, blocks);
    return messages;
  }
  cursor.position = address;
  cursor.expect('OHDR');
  if (cursor.number(1) !== 2)
    throw new CorruptDataError('bad-version', address, 'HDF5 object header of unknown version');
  const flags = cursor.number(1);
  if (flags & 0x20) cursor.skip(16);
  if (flags & 0x10) cursor.skip(4);
  const size = cursor.number(1 << (flags & 3));
  const blocks: Block[] = [{ start: cursor.position, size }];
  for (const block of blocks) readBlock2(file, block, (flags & 0x04) !== 0, messages, blocks);
  return messages;
}

interface Block {
  readonly start: number;
  readonly size: number;
}

function readBlock1(file: Hdf5File, { start, size }: Block, count: number, messages: Message[], blocks: Block[]): void {
  file.need(start, size);
  const cursor = file.at(start);
  while (messages.length < count && cursor.position + 8 <= start + size) {
    const kind = cursor.number(2);
    const length = cursor.number(2);
    const flags = cursor.number(1);
    cursor.skip(3);
    take(cursor, { kind, shared: (flags & 2) !== 0, start: cursor.position, size: length }, messages, blocks, 0);
  }
}

function readBlock2(
  file: Hdf5File,
  { start, size }: Block,
  ordered: boolean,
  messages: Message[],
  blocks: Block[],
): void {
  file.need(start, size);
  const cursor = file.at(start);
  const prefix = ordered ? 6 : 4;
  while (cursor.position + prefix <= start + size) {
    const kind = cursor.number(1);
    const length = cursor.number(2);
    const flags = cursor.number(1);
    if (ordered) cursor.skip(2);
    take(cursor, { kind, shared: (flags & 2) !== 0, start: cursor.position, size: length }, messages, blocks, 8);
  }
}

/** @param frame - bytes of a continued block that are not messages: signature and checksum */
function take(cursor: Cursor, message: Message, messages: Message[], blocks: Block[], frame: 0 | 8): void {
  const { file } = cursor;
  file.step(message.start);
  cursor.skip(message.size);
  messages.push(message);
  if (message.kind !== MESSAGE.continuation) return;
  const body = file.at(message.start);
  const address = body.address() ?? Infinity;
  const size = body.length();
  if (frame) file.at(address).expect('OCHK');
  blocks.push({ start: address + frame / 2, size: Math.max(0, size - frame) });
}

/** Of the messages of one kind, the first. */
export const messageOf = (messages: readonly Message[], kind: number): Message | undefined =>
  messages.find((message) => message.kind === kind);
