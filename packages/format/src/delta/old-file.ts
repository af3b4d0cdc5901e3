import type { Form, Shape } from '@pare/core';
import { checksum } from '../checksum.ts';
import { builtinDecoders } from '../everything.ts';
import { expectChecksum, type FileStart, type Limits, type RecordPlace } from '../file-layout.ts';
import { located } from '../located.ts';
import { decodeRecord, decoderOf, openFile } from '../read.ts';

/** A file whose weights are decoded when they are asked for. */
export interface LazyFile {
  readonly bytes: Uint8Array;
  readonly start: FileStart;
  readonly records: readonly RecordPlace[];
  readonly recordBytes: (record: RecordPlace) => Uint8Array;
  /** The forms of a record's weights. */
  formsOf(record: RecordPlace): readonly Form[];
  /** The form of a weight, if there is one of that name and shape. */
  formOf(name: string, shape: Shape): Form | undefined;
}

/** Opens a file and verifies its checksums. */
export function lazyFile(bytes: Uint8Array, limits: Limits = {}): LazyFile {
  const start = openFile(bytes, limits);
  for (const block of start.blocks) expectChecksum(bytes, block.start, block.end);
  const records = start.blocks.flatMap((block) => block.records);
  const places = new Map(
    records.flatMap((record) => record.weights.map(({ name }, i) => [name, { record, i }] as const)),
  );
  const decoded = new Map<RecordPlace, readonly Form[]>();
  const recordBytes = (record: RecordPlace): Uint8Array => bytes.subarray(record.start, record.end);
  const formsOf = (record: RecordPlace): readonly Form[] => {
    const known = decoded.get(record);
    if (known) return known;
    const forms = located(record.start, `weight "${record.weights[0]!.name}"`, () =>
      decodeRecord(decoderOf(record, builtinDecoders), recordBytes(record), record, { limits }),
    );
    decoded.set(record, forms);
    return forms;
  };
  return {
    bytes,
    start,
    records,
    recordBytes,
    formsOf,
    formOf(name, shape) {
      const place = places.get(name);
      if (!place || place.record.weights[place.i]!.shape.join() !== shape.join()) return undefined;
      return formsOf(place.record)[place.i];
    },
  };
}

/** CRC-32, lowest byte first. */
export const crc32 = (bytes: Uint8Array): Uint8Array => Uint8Array.from(checksum(bytes, 4));

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
