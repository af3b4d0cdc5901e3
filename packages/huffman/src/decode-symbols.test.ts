import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { canonicalCode } from './canonical.ts';
import { codeLengths } from './code-lengths.ts';
import { decodeSymbols } from './decode-symbols.ts';
import { decodeSymbolsBitwise } from './decode-symbols-bitwise.ts';
import { encodeSymbols } from './encode-symbols.ts';
import { decodingTable } from './old-decoding-table.ts';

const corrupt = (code: string) => expect.objectContaining({ name: 'CorruptDataError', code });
const table = decodingTable([1, 2, 2]);

test('decodes codes and leaves the reader behind the last', () => {
  const reader = new BitReader(Uint8Array.of(0b011010)); // 0, 10, 11, 0 from the lowest bit up
  expect(decodeSymbols(reader, 4, table)).toEqual(Uint16Array.of(0, 1, 2, 0));
  expect(reader.position).toBe(6);
});

test('decodes into the array it is given, and no further than asked', () => {
  const out = new Uint8Array(4).fill(9);
  expect(decodeSymbols(new BitReader(Uint8Array.of(0b011010)), 3, table, out)).toBe(out);
  expect(out).toEqual(Uint8Array.of(0, 1, 2, 9));
});

test('composes: tables and streams follow each other in one run of bits', () => {
  const writer = new BitWriter();
  writer.write(5, 3);
  encodeSymbols(writer, Uint8Array.of(2, 1, 0), canonicalCode([1, 2, 2]));
  encodeSymbols(writer, Uint8Array.of(0, 1), canonicalCode([1, 1]));
  const reader = new BitReader(writer.finish());
  expect(reader.read(3)).toBe(5);
  expect(decodeSymbols(reader, 3, table)).toEqual(Uint16Array.of(2, 1, 0));
  expect(decodeSymbols(reader, 2, decodingTable([1, 1]))).toEqual(Uint16Array.of(0, 1));
  reader.expectEnd();
});

test('fills in a lone symbol without reading a bit', () => {
  const reader = new BitReader(new Uint8Array(0));
  expect(decodeSymbols(reader, 3, decodingTable([0, 0, 1]))).toEqual(Uint16Array.of(2, 2, 2));
  expect(decodeSymbols(reader, 0, decodingTable([]))).toEqual(new Uint16Array(0));
});

test('the fast decoder and the bitwise one agree, with short codes and long', () =>
  fc.assert(
    fc.property(
      fc.array(fc.nat(2 ** 16), { minLength: 2, maxLength: 300 }),
      fc.integer({ min: 9, max: 24 }),
      fc.boolean(),
      fc.nat(7),
      fc.infiniteStream(fc.nat()),
      fc.nat(200),
      (counts, maxLength, skewed, offset, picks, count) => {
        // Skewed: counts that double give codes up to the limit.
        const histogram = counts.map((n, i) => 1 + (skewed ? 2 ** Math.min(i, 40) : n));
        const lengths = codeLengths(histogram, { maxLength });
        const symbols = Uint16Array.from({ length: count }, () => picks.next().value % histogram.length);
        const writer = new BitWriter();
        writer.write(0, offset);
        encodeSymbols(writer, symbols, canonicalCode(lengths));
        const bytes = writer.finish();
        for (const decode of [decodeSymbols, decodeSymbolsBitwise]) {
          const reader = new BitReader(bytes);
          reader.skip(offset);
          expect(decode(reader, count, decodingTable(lengths))).toEqual(symbols);
          expect(reader.position).toBe(writer.bitLength);
        }
      },
    ),
    { seed: 1 },
  ));

test('reads what zlib wrote with the fixed code of RFC 1951, section 3.2.6', () => {
  // No three bytes come twice, so there is nothing to copy: only literals (of 8 bits, then of 9) and the end, symbol 256.
  // So few of 9 bits, because otherwise zlib would store the bytes plainly.
  const bytes = Uint8Array.from({ length: 154 }, (_, i) => (i < 144 ? (i * 35) % 144 : 102 + i));
  const deflated = deflateRawSync(bytes, { strategy: constants.Z_FIXED });
  const reader = new BitReader(deflated);
  expect(reader.read(3)).toBe(0b011); // last block, fixed code
  const fixed = decodingTable(new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280));
  expect(decodeSymbols(reader, 155, fixed)).toEqual(Uint16Array.of(...bytes, 256));
  reader.expectEnd();
});

test('checks the count before it allocates', () => {
  expect(() => decodeSymbols(new BitReader(Uint8Array.of(0)), 2 ** 52, table)).toThrow(corrupt('truncated'));
  expect(() => decodeSymbols(new BitReader(Uint8Array.of(0)), 1, decodingTable([]))).toThrow(corrupt('empty-code'));
});

test('notices the end within a code', () => {
  const reader = () => new BitReader(Uint8Array.of(0xff));
  expect(() => decodeSymbols(reader(), 5, table)).toThrow(corrupt('truncated'));
  expect(() => decodeSymbolsBitwise(reader(), 5, table)).toThrow(corrupt('truncated'));
  const long = decodingTable(Array.from({ length: 14 }, (_, i) => Math.min(i + 1, 13)));
  expect(() => decodeSymbols(reader(), 1, long)).toThrow(corrupt('truncated'));
});

test('names the argument at fault', () => {
  const reader = new BitReader(Uint8Array.of(0));
  expect(() => decodeSymbols(reader, 2, table, new Uint8Array(1))).toThrow(
    new RangeError('decodeSymbols: "out" expected at least 2 elements, got 1'),
  );
  const wide = decodingTable(new Uint8Array(512).fill(9));
  expect(() => decodeSymbols(reader, 0, wide, new Uint8Array(0))).toThrow('"out" expected a Uint16Array');
});
