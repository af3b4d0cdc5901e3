import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalCode } from './canonical.ts';
import { codeLengths } from './code-lengths.ts';

/** Codes as one writes them on paper: first bit first. */
const onPaper = (lengths: readonly number[]): string[] => {
  const { codes, lengths: written } = canonicalCode(lengths);
  return Array.from(codes, (code, symbol) =>
    Array.from({ length: written[symbol]! }, (_, bit) => (code >>> bit) & 1).join(''),
  );
};

test('makes the codes of RFC 1951, section 3.2.2', () => {
  expect(onPaper([3, 3, 3, 3, 3, 2, 4, 4])).toEqual(['010', '011', '100', '101', '110', '00', '1110', '1111']);
});

test('skips symbols that do not occur', () => expect(onPaper([2, 1, 0, 2])).toEqual(['10', '0', '', '11']));

test('writes a lone symbol with no bits', () => {
  expect(canonicalCode([0, 1, 0])).toEqual({ lengths: new Uint8Array(3), codes: new Uint32Array(3), lone: 1 });
  expect(canonicalCode([1, 1]).lone).toBe(-1);
});

test('accepts an empty code', () => {
  expect(canonicalCode([]).lone).toBe(-1);
  expect(canonicalCode([0, 0]).lone).toBe(-1);
});

test('reaches 24 bits', () => {
  const lengths = Array.from({ length: 25 }, (_, i) => Math.min(i + 1, 24));
  expect(onPaper(lengths).at(-1)).toBe('1'.repeat(24));
});

test('no code is the beginning of another', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 2, maxLength: 40 }), (histogram) => {
      const codes = onPaper([...codeLengths(histogram)]).filter((code) => code !== '');
      for (const [i, a] of codes.entries())
        for (const [j, b] of codes.entries()) if (i !== j) expect(b.startsWith(a)).toBe(false);
    }),
    { seed: 1, numRuns: 30 },
  ));

test('refuses codes that are over-subscribed or incomplete', () => {
  expect(() => canonicalCode([1, 1, 1])).toThrow('expected a complete code, got one that is over-subscribed');
  expect(() => canonicalCode([1, 2])).toThrow('expected a complete code, got one that is incomplete');
  expect(() => canonicalCode([2])).toThrow('incomplete');
  expect(() => canonicalCode([1, 25])).toThrow('expected values in 0…24, got 25 at index 1');
  expect(() => canonicalCode([-1])).toThrow(RangeError);
});
