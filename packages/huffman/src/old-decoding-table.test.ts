import { expect, test } from 'vitest';
import { decodingTable } from './old-decoding-table.ts';

test('lists symbols in the order of their codes', () => {
  const table = decodingTable([2, 1, 0, 3, 3]);
  expect(table.symbols).toEqual(Uint16Array.of(1, 0, 3, 4));
  expect(table.minLength).toBe(1);
  expect(table.alphabetSize).toBe(5);
});

test('finds the symbol under each index that starts with its code', () => {
  const { entries } = decodingTable([2, 1, 0, 2]); // 1 = 0, 0 = 10, 3 = 11, first bit lowest in the index
  for (let bits = 0; bits < entries.length; bits++) {
    expect(entries[bits]).toBe((bits & 1) === 0 ? (1 << 4) | 1 : (bits & 2) === 0 ? (0 << 4) | 2 : (3 << 4) | 2);
  }
});

test('leaves the beginnings of long codes where there are any', () => {
  const { entries } = decodingTable(Array.from({ length: 14 }, (_, i) => Math.min(i + 1, 13)));
  // Only 11 ones begin codes of more than 11 bits.
  expect(entries.filter((entry) => (entry & 15) === 0)).toEqual(Int32Array.of((2 ** 11 - 1) << 4));
});

test('takes a lone symbol and an empty code', () => {
  expect(decodingTable([0, 1])).toMatchObject({ symbols: Uint16Array.of(1), minLength: 0, alphabetSize: 2 });
  expect(decodingTable([])).toMatchObject({ symbols: new Uint16Array(0), minLength: 0, alphabetSize: 0 });
});

test('refuses what is no complete code', () => {
  expect(() => decodingTable([1, 2])).toThrow(new RangeError('decodingTable: "lengths" expected a complete code'));
  expect(() => decodingTable([1, 1, 1])).toThrow(RangeError);
  expect(() => decodingTable([2])).toThrow(RangeError);
});
