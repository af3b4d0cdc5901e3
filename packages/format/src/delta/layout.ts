import type { Encoder, Form } from '@pare/core';
import { encodersFor } from '../codecs/encoders.ts';
import type { GroupEncoder } from '../contract.ts';
import type { RecordEntry, WeightEntry } from '../header.ts';

/*
 * "PARD"  version:u8 = 1  CRC-32 of the old file  CRC-32 of the new file  one arithmetic stream (FORMAT.md, section 2):
 *
 *     same layout:1     1 → header as in the old file, but for the sizes of records, which follow from what is made
 *                       0 → gamma(size), bytes: the new header
 *     for each record of the new file, what it is made of:2
 *       0 COPY          gamma(number of the record of the old file)
 *       1 CHANGE        encoder:1, then what became of each weight in it (form-change.ts)
 *       2 BYTES         gamma(size), bytes
 *
 * A changed record is decoded, changed, and encoded again: the encoder is part of this format. Whoever writes a delta tries
 * whether that gives the new bytes, and whoever applies it checks the CRC-32 of the whole.
 */

/** "PARD" and the version. */
export const DELTA_SIGNATURE: readonly number[] = [0x50, 0x41, 0x52, 0x44, 1];

/** Where the arithmetic stream starts. */
export const DELTA_START: number = DELTA_SIGNATURE.length + 8;

export const COPY = 0;
export const CHANGE = 1;
export const BYTES = 2;

/** Those who may have made a record, by number: encoders of one codec differ in what they try. */
const MAKERS: readonly (readonly Encoder[])[] = [encodersFor.small, encodersFor.huffman];

/**
 * Encodes the weights of a record.
 *
 * @returns undefined if that maker has no such codec, or its encoder refuses
 */
export function encodeRecord(
  maker: number,
  { codec, weights }: RecordEntry & { readonly weights: readonly WeightEntry[] },
  forms: readonly Form[],
): Uint8Array | undefined {
  const encoder = MAKERS[maker]!.find(({ id, kind }) => id === codec && kind === forms[0]!.kind);
  if (!encoder) return undefined;
  try {
    if (weights.length === 1) return encoder.encode(forms[0]!, weights[0]!.shape);
    return (encoder as Partial<GroupEncoder>).encodeGroup?.(
      weights.map(({ shape }, i) => ({ form: forms[i]!, shape })),
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}
