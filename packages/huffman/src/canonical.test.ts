import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalCodes } from './canonical.ts';
import { codeLengths } from './code-lengths.ts';

/** Codes as one writes them on paper: first bit first. */
const onPaper = (lengths: Uint8Array): string[] =>
  Array.from(canonicalCodes(lengths), (code, symbol) =>
    Array.from({ length: lengths[symbol]! }, (_, bit) => (code >>> bit) & 1).join(''),
  );

test('makes the codes of RFC 1951, section 3.2.2', () => {
  expect(onPaper(Uint8Array.of(3, 3, 3, 3, 3, 2, 4, 4))).toEqual([
    '010',
    '011',
    '100',
    '101',
    '110',
    '00',
    '1110',
    '1111',
  ]);
});

test('skips symbols that do not occur', () =>
  expect(onPaper(Uint8Array.of(2, 1, 0, 2))).toEqual(['10', '0', '', '11']));

test('reaches 16 bits', () => {
  const lengths = Uint8Array.from({ length: 17 }, (_, i) => Math.min(i + 1, 16));
  expect(onPaper(lengths).at(-1)).toBe('1'.repeat(16));
});

test('no code is the beginning of another', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 2, maxLength: 40 }), (histogram) => {
      const codes = onPaper(codeLengths(histogram)).filter((code) => code !== '');
      for (const [i, a] of codes.entries())
        for (const [j, b] of codes.entries()) if (i !== j) expect(b.startsWith(a)).toBe(false);
    }),
    { seed: 1, numRuns: 30 },
  ));
