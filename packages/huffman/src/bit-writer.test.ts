import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';

test('puts the first field into the lowest bits', () => {
  const writer = new BitWriter();
  writer.write(0b01, 2);
  writer.write(0b110, 3);
  expect(writer.bitLength).toBe(5);
  expect(writer.finish()).toEqual(Uint8Array.of(0b11001));
});

test('makes no byte of nothing, nor of a field of no bits', () => {
  const writer = new BitWriter();
  expect(writer.finish()).toEqual(new Uint8Array(0));
  writer.write(0, 0);
  expect(writer.finish()).toEqual(new Uint8Array(0));
});

test('writes 32 bits at once, across bytes', () => {
  const writer = new BitWriter();
  writer.write(1, 1);
  writer.write(0xfedcba98, 32);
  const reader = new BitReader(writer.finish());
  expect(reader.read(1)).toBe(1);
  expect(reader.read(32)).toBe(0xfedcba98);
});

test('can go on after finish, which returns a copy', () => {
  const writer = new BitWriter();
  writer.write(0b101, 3);
  const early = writer.finish();
  writer.write(0b11111, 5);
  expect(early).toEqual(Uint8Array.of(0b101));
  expect(writer.finish()).toEqual(Uint8Array.of(0b11111101));
});

test('what was written is read back, and takes as many bits as it was given', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc
          .integer({ min: 0, max: 32 })
          .chain((count) => fc.tuple(fc.integer({ min: 0, max: 2 ** count - 1 }), fc.constant(count))),
        { maxLength: 200 },
      ),
      (fields) => {
        const writer = new BitWriter();
        for (const [value, count] of fields) writer.write(value, count);
        expect(writer.bitLength).toBe(fields.reduce((bits, [, count]) => bits + count, 0));
        const bytes = writer.finish();
        expect(bytes.length).toBe(Math.ceil(writer.bitLength / 8));
        const reader = new BitReader(bytes);
        for (const [value, count] of fields) expect(reader.read(count)).toBe(value);
        reader.expectEnd();
      },
    ),
    { seed: 1 },
  ));
