import { expect, test } from 'vitest';
import { balancedLengths } from './balanced-lengths.ts';
import { canonicalCode } from './canonical.ts';

test('gives the last symbols one bit more when the count is no power of two', () => {
  expect(balancedLengths(1, 3)).toEqual(Uint8Array.of(0, 1, 2, 2));
  expect(balancedLengths(0, 5)).toEqual(Uint8Array.of(2, 2, 2, 3, 3));
  expect(balancedLengths(0, 4)).toEqual(Uint8Array.of(2, 2, 2, 2));
});

test('marks a lone symbol, and gives none nothing', () => {
  expect(balancedLengths(2, 1)).toEqual(Uint8Array.of(0, 0, 1));
  expect(balancedLengths(2, 0)).toEqual(Uint8Array.of(0, 0));
});

test('is a complete code for any count', () => {
  for (const count of [...Array(70).keys(), 255, 256, 257, 65535, 65536]) canonicalCode(balancedLengths(0, count));
});
