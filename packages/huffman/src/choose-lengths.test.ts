import { expect, test } from 'vitest';
import { chooseLengths } from './choose-lengths.ts';

test('takes the optimal code where it pays for its table', () => {
  expect(chooseLengths([100, 0, 100, 200])).toEqual(Uint8Array.of(2, 0, 2, 1));
});

test('takes the balanced code where the stream is short', () => {
  expect(chooseLengths([1, 0, 1, 2])).toEqual(Uint8Array.of(2, 2, 2, 2));
});

test('keeps to the limit, which the balanced code may break', () => {
  // 6 symbols in a range of 9: balanced takes 4 bits
  expect(Math.max(...chooseLengths([1, 1, 0, 0, 1, 1, 1, 0, 1], { maxLength: 3 }))).toBe(3);
});

test('leaves an empty histogram and a lone symbol alone', () => {
  expect(chooseLengths([0, 0])).toEqual(Uint8Array.of(0, 0));
  expect(chooseLengths([0, 5, 0])).toEqual(Uint8Array.of(0, 1, 0));
});
