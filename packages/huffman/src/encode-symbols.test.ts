import { expect, test } from 'vitest';
import { BitWriter } from './bit-writer.ts';
import { canonicalCode } from './canonical.ts';
import { encodeSymbols } from './encode-symbols.ts';

test('writes codes with their first bit lowest', () => {
  const writer = new BitWriter();
  encodeSymbols(writer, Uint8Array.of(0, 1, 2, 0), canonicalCode([1, 2, 2]));
  expect(writer.bitLength).toBe(6);
  expect(writer.finish()).toEqual(Uint8Array.of(0b011010));
});

test('writes nothing for a lone symbol', () => {
  const writer = new BitWriter();
  encodeSymbols(writer, new Uint16Array(1000).fill(3), canonicalCode([0, 0, 0, 1]));
  expect(writer.bitLength).toBe(0);
});

test('refuses a symbol without a code', () => {
  const write = (symbol: number, lengths: number[]) => () =>
    encodeSymbols(new BitWriter(), Uint8Array.of(0, symbol), canonicalCode(lengths));
  expect(write(1, [1, 0, 1])).toThrow(
    new RangeError('encodeSymbols: "symbols" expected symbols that have a code, got 1 at index 1'),
  );
  expect(write(7, [1, 1])).toThrow('got 7 at index 1');
  expect(write(1, [1, 0])).toThrow('got 1 at index 1');
});
