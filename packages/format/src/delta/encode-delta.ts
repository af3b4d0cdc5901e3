import type { Form } from '@pare/core';
import { ArithmeticEncoder } from '../arithmetic-encode.ts';
import { codeBits, codeGamma } from '../bit-coder.ts';
import type { Limits, RecordPlace } from '../file-layout.ts';
import { encodeHeader } from '../header-encode.ts';
import { join } from '../write.ts';
import { codeFormChange } from './form-change.ts';
import { BYTES, CHANGE, COPY, DELTA_SIGNATURE, encodeRecord } from './layout.ts';
import { crc32, type LazyFile, lazyFile, sameBytes } from './old-file.ts';

export interface DeltaOptions {
  /** What is refused before memory is taken for it. */
  readonly limits?: Limits;
}

/**
 * Says how one `.pare` file becomes another, in as few bytes as it takes, for those who have the old one.
 *
 * Records that did not change are named. Of those that did, numbers are told where they differ, if that takes less than the
 * record itself. At worst the delta is the new file and some twenty bytes.
 *
 * @throws CorruptDataError, MissingPartError as `decodeModel` does, for either file
 * @example
 * const file = encodeModel({ layers: [], weights: [], history: [] });
 * encodeDelta(file, file).length // 13
 */
export function encodeDelta(old: Uint8Array, next: Uint8Array, options: DeltaOptions = {}): Uint8Array {
  const before = lazyFile(old, options.limits);
  const after = lazyFile(next, options.limits);
  const encoder = new ArithmeticEncoder();
  const { prefixBytes, headerBytes } = after.start;
  const header = next.subarray(prefixBytes, prefixBytes + headerBytes);
  const sameLayout = hasLayoutOf(before, after, header);
  codeBits(encoder, sameLayout ? 1 : 0, 1);
  if (!sameLayout) codeBytes(encoder, header);

  const numbers = new Map(before.records.map((record, i) => [keyOf(before.recordBytes(record)), i]));
  for (const record of after.records) {
    const bytes = after.recordBytes(record);
    const copied = numbers.get(keyOf(bytes));
    if (copied !== undefined && sameBytes(before.recordBytes(before.records[copied]!), bytes)) {
      codeBits(encoder, COPY, 2);
      codeGamma(encoder, copied);
      continue;
    }
    const change = changeOf(before, after, record, bytes);
    codeBits(encoder, change ? CHANGE : BYTES, 2);
    if (change) codeChange(encoder, change);
    else codeBytes(encoder, bytes);
  }
  return join([Uint8Array.from(DELTA_SIGNATURE), crc32(old), crc32(next), encoder.finish()]);
}

const keyOf = (bytes: Uint8Array): string => `${bytes.length} ${crc32(bytes).join()}`;

/** Whether the old header with the new sizes is the new header, byte for byte. */
function hasLayoutOf(before: LazyFile, after: LazyFile, header: Uint8Array): boolean {
  if (before.records.length !== after.records.length) return false;
  const records = before.start.header.records.map((entry, i) => ({ ...entry, bytes: after.records[i]!.bytes }));
  return sameBytes(encodeHeader({ ...before.start.header, records }), header);
}

interface Change {
  readonly maker: number;
  readonly forms: readonly { readonly was: Form; readonly is: Form }[];
}

/** How the weights of a record changed, if encoding what they are now gives the record and the change is the smaller one. */
function changeOf(before: LazyFile, after: LazyFile, record: RecordPlace, bytes: Uint8Array): Change | undefined {
  const pairs = after.formsOf(record).map((is, i) => {
    const { name, shape } = record.weights[i]!;
    return { was: before.formOf(name, shape), is };
  });
  const forms = pairs.filter((pair): pair is { was: Form; is: Form } => pair.was?.kind === pair.is.kind);
  if (forms.length < pairs.length) return undefined;
  const trial = new ArithmeticEncoder();
  codeChange(trial, { maker: 0, forms });
  if (trial.size >= bytes.length) return undefined;
  const maker = [0, 1].find((candidate) => {
    const made = encodeRecord(
      candidate,
      record,
      forms.map(({ is }) => is),
    );
    return made !== undefined && sameBytes(made, bytes);
  });
  return maker === undefined ? undefined : { maker, forms };
}

function codeChange(encoder: ArithmeticEncoder, { maker, forms }: Change): void {
  codeBits(encoder, maker, 1);
  for (const { was, is } of forms) codeFormChange(encoder, was, 65536, is);
}

function codeBytes(encoder: ArithmeticEncoder, bytes: Uint8Array): void {
  codeGamma(encoder, bytes.length);
  for (const byte of bytes) codeBits(encoder, byte, 8);
}
