import { expect, test } from 'vitest';
import { BitReader } from './bit-reader.ts';

test('reads fields from the lowest bit up', () => {
  const reader = new BitReader(Uint8Array.of(0b11001));
  expect([reader.read(2), reader.read(3)]).toEqual([1, 6]);
  expect(reader.position).toBe(5);
  expect(reader.bitsLeft).toBe(3);
});

test('peeks 25 bits from any position in a byte', () => {
  const reader = new BitReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  for (let position = 0; position < 8; position++) {
    reader.position = position;
    expect(reader.peek(25)).toBe(2 ** 25 - 1);
  }
});

test('peeks zeros past the end, but does not skip there', () => {
  const reader = new BitReader(Uint8Array.of(0xff));
  expect(reader.peek(12)).toBe(0xff);
  reader.skip(8);
  expect(() => reader.skip(1)).toThrow('corrupt data at byte 1: the data ends early');
  expect(() => reader.read(1)).toThrow(
    expect.objectContaining({ name: 'CorruptDataError', code: 'truncated', byte: 1 }),
  );
  expect(reader.read(0)).toBe(0);
});

test('accepts an end padded with zeros, and nothing else', () => {
  const reader = new BitReader(Uint8Array.of(0b00000001));
  reader.skip(1);
  reader.expectEnd();
  reader.position = 0;
  expect(() => reader.expectEnd()).toThrow(expect.objectContaining({ code: 'trailing-data' }));
  const padded = new BitReader(Uint8Array.of(0b01000001));
  padded.skip(1);
  expect(() => padded.expectEnd()).toThrow(expect.objectContaining({ code: 'trailing-data' }));
});

test('keeps to the part of the buffer it was given', () => {
  const reader = new BitReader(Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
  expect(reader.read(16)).toBe(0x0302);
  expect(reader.peek(8)).toBe(0);
});
