import { expect, test } from 'vitest';
import { valueCodebook } from './value-codebook.ts';

const ones = (length: number): Uint8Array => new Uint8Array(length).fill(1);

test('few values, each taken often, are a codebook', () => {
  const values = Float32Array.from({ length: 20 }, (_, i) => (i % 3) - 1);
  const found = valueCodebook(values, ones(20))!;
  expect(found.codebook).toEqual(Float32Array.of(-1, 0, 1));
  expect(Float32Array.from(found.indices, (index) => found.codebook[index]!)).toEqual(values);
});

test('tells zeros of either sign apart, and leaves out what is pruned', () => {
  const values = Float32Array.from({ length: 24 }, (_, i) => [0, -0, 5][i % 3]!);
  const mask = Uint8Array.from({ length: 24 }, (_, i) => (i % 3 === 2 ? 0 : 1));
  expect(Object.is(valueCodebook(values, mask)?.codebook[0], -0)).toBe(true);
  expect(valueCodebook(values, mask)?.codebook).toHaveLength(2);
});

test('many values are none', () => {
  expect(
    valueCodebook(
      Float32Array.from({ length: 100 }, (_, i) => i % 26),
      ones(100),
    ),
  ).toBeUndefined();
  expect(
    valueCodebook(
      Float32Array.from({ length: 100 }, (_, i) => i % 25),
      ones(100),
    ),
  ).toBeDefined();
  expect(valueCodebook(new Float32Array(0), ones(0))?.codebook).toHaveLength(0);
});
