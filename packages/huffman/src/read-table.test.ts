import { expect, test } from 'vitest';
import { BitReader } from './bit-reader.ts';
import { decodingTable } from './old-decoding-table.ts';
import { readTable } from './read-table.ts';

/** Bytes of a string of bits, first bit first; spaces are for the eye. */
const bytesOf = (bits: string): Uint8Array => {
  const digits = bits.replaceAll(' ', '');
  const bytes = new Uint8Array(Math.ceil(digits.length / 8));
  for (const [i, digit] of [...digits].entries()) bytes[i >> 3]! |= Number(digit) << (i & 7);
  return bytes;
};
const reading = (bits: string, alphabetSize?: number) => readTable(new BitReader(bytesOf(bits)), alphabetSize);
const corrupt = (code: string) => expect.objectContaining({ name: 'CorruptDataError', code });

test('reads a table as the layout in _table-layout.ts draws it', () => {
  // not flat, first 0, length 1, predictor 1, shape 0 (unary), absent 1 (rank 1);
  // rank 2 = +1 → 2; rank 1 = absence, gamma(1) = one symbol; rank 2, not moved up, would be −1, so rank 1 = +1 → 3; rank 0 → 3
  expect(reading('0 0 10000 1 00 10 110 10 0 10 0')).toEqual(decodingTable([1, 2, 0, 3, 3]));
});

test('refuses an over-subscribed code', () => {
  // lengths 1, 2, then 1
  expect(() => reading('0 0 10000 1 00 01 10 110')).toThrow(corrupt('over-subscribed-code'));
});

test('refuses lengths of 0 and over 24', () => {
  expect(() => reading('0 0 00000 1 00 01')).toThrow(corrupt('length-out-of-range'));
  expect(() => reading('0 0 11111 1 00 01')).toThrow(corrupt('length-out-of-range'));
});

test('refuses symbols beyond the alphabet', () => {
  expect(() => reading('1 0 1 0 0 00', 0)).toThrow(corrupt('symbol-out-of-range'));
  expect(() => reading('1 0 10 1', 1)).toThrow(corrupt('symbol-out-of-range'));
  reading('1 0 10 1', 2);
  // a number of 17 bits
  expect(() => reading(`0 ${'1'.repeat(17)}${'1'.repeat(40)}`)).toThrow(corrupt('symbol-out-of-range'));
});

test('refuses a code that is incomplete because the bytes end', () => {
  expect(() => reading('0 0 11000 1 00 01 11111111')).toThrow(corrupt('truncated'));
  expect(() => reading('')).toThrow(corrupt('truncated'));
});
