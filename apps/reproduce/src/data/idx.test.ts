import { CorruptDataError } from '@pare/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIdx, parseIdx } from './idx.ts';

/** Two pictures of 1 × 3 pixels. */
const file = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
const damage = (at: number, value: number): Uint8Array => file.with(at, value);
const codeOf = (bytes: Uint8Array): string => {
  try {
    parseIdx(bytes);
  } catch (error) {
    if (error instanceof CorruptDataError) return error.code;
    throw error;
  }
  return 'fine';
};

test('reads the dimensions and the elements', () => {
  expect(parseIdx(file)).toEqual({ shape: [2, 1, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) });
});

test('reads from the middle of a larger buffer', () => {
  const inside = new Uint8Array(40);
  inside.set(file, 7);
  expect(parseIdx(inside.subarray(7, 7 + file.length)).values).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
});

test('an empty dimension is an empty array', () => {
  expect(parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0)).values).toHaveLength(0);
});

test('parse ∘ format is the identity', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }), (shape) => {
      const values = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
      expect(parseIdx(formatIdx({ shape, values }))).toEqual({ shape, values });
    }),
  ));

test('every truncation is noticed', () => {
  for (let length = 0; length < file.length; length++) expect(codeOf(file.slice(0, length))).toBe('truncated');
});

test('every flipped bit of the header is noticed', () => {
  for (let bit = 0; bit < 16 * 8; bit++) {
    expect(codeOf(damage(bit >> 3, file[bit >> 3]! ^ (1 << (bit & 7)))), `bit ${bit}`).not.toBe('fine');
  }
});

test('says what is wrong, and where', () => {
  expect(() => parseIdx(damage(2, 13))).toThrow('corrupt data at byte 0: expected idx magic');
  expect(() => parseIdx(damage(15, 4))).toThrow(/at byte 22: expected 24 bytes for dimensions 2 × 1 × 4, got 22/);
  expect(() => parseIdx(Uint8Array.of(...file, 0))).toThrow(/at byte 22: expected 22 bytes .* got 23/);
  expect(codeOf(Uint8Array.of(...file, 0))).toBe('trailing');
});

test('does not multiply dimensions beyond what it can count', () => {
  expect(codeOf(Uint8Array.of(0, 0, 8, 8, ...new Uint8Array(32).fill(255)))).toBe('limit');
});

test('formats only what fits its dimensions', () => {
  expect(() => formatIdx({ shape: [2], values: Uint8Array.of(1) })).toThrow(RangeError);
  expect(() => formatIdx({ shape: [], values: Uint8Array.of(1) })).toThrow(RangeError);
});
