import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalCodes } from './canonical.ts';
import { codeLengths } from './code-lengths.ts';
import { decodingTable } from './decoding-table.ts';

/** An entry taken apart. */
const parts = (entry: number) => ({
  bytes: entry >>> 30,
  first: (entry >>> 24) & 31,
  symbols: (entry >>> 8) & 0xffff,
  length: entry & 63,
});

test('finds one symbol or two under an index', () => {
  const { entries, longest } = decodingTable({ symbols: [0, 1, 2], lengths: [1, 2, 2] }, 1, 3);
  expect(longest).toBe(2);
  // bits in the order of reading: 0 0 1, of which 1 is not yet a code
  expect(parts(entries[0b100]!)).toEqual({ bytes: 2, first: 1, symbols: 0x0000, length: 2 });
  // 0 10
  expect(parts(entries[0b010]!)).toEqual({ bytes: 2, first: 1, symbols: 0x0100, length: 3 });
  // 11 0
  expect(parts(entries[0b011]!)).toEqual({ bytes: 2, first: 2, symbols: 0x0002, length: 3 });
  // 10 1
  expect(parts(entries[0b101]!)).toEqual({ bytes: 1, first: 2, symbols: 0x0001, length: 2 });
});

test('a lone symbol takes no bits', () => {
  const { entries, longest } = decodingTable({ symbols: [7], lengths: [0] }, 2, 0);
  expect(longest).toBe(0);
  expect([...entries].map(parts)).toEqual([{ bytes: 2, first: 0, symbols: 7, length: 0 }]);
});

test('each index that starts with a code has its symbol, and a second one if its code is there as well', () =>
  fc.assert(
    fc.property(
      fc.array(fc.nat(2000), { minLength: 2, maxLength: 100 }),
      fc.integer({ min: 7, max: 14 }),
      fc.constantFrom(1, 2),
      fc.nat(12),
      (counts, maxLength, elementBytes, indexBits) => {
        const all = codeLengths(
          counts.map((count) => count + 1),
          { maxLength },
        );
        const codes = canonicalCodes(all);
        const { entries, longest } = decodingTable(
          { symbols: [...all.keys()], lengths: [...all] },
          elementBytes,
          indexBits,
        );
        const bits = Math.max(longest, indexBits);
        expect(entries.length).toBe(2 ** bits);
        const symbolAt = (index: number, known: number): number =>
          all.findIndex((length, symbol) => length <= known && (index & (2 ** length - 1)) === codes[symbol]);
        for (let index = 0; index < entries.length; index += 7) {
          const one = symbolAt(index, bits);
          const two = elementBytes === 1 ? symbolAt(index >> all[one]!, bits - all[one]!) : -1;
          expect(parts(entries[index]!)).toEqual({
            bytes: two >= 0 ? 2 : elementBytes,
            first: all[one],
            symbols: one + (two >= 0 ? two * 256 : 0),
            length: all[one]! + (two >= 0 ? all[two]! : 0),
          });
        }
      },
    ),
    { seed: 1, numRuns: 30 },
  ));
