import { expect, test } from 'vitest';
import { entropyBound } from './bound.ts';

test('places and values of shared weights', () => {
  // Places: H(1/2) · 4 = 4 bits; values: 2 of 2 kinds = 2 bits.
  const form = {
    kind: 'shared',
    codebook: Float32Array.of(-1, 1),
    indices: Uint16Array.of(0, 1, 0, 0),
    mask: Uint8Array.of(1, 1, 0, 0),
  } as const;
  expect(entropyBound(form)).toBeCloseTo(6, 12);
});

test('masked numbers count byte by byte', () => {
  // Two different numbers in four places: 4 bits of places, and the bytes that differ: 1.5 = 3fc00000, 2 = 40000000.
  const form = { kind: 'masked', values: Float32Array.of(1.5, 2, 0, 0), mask: Uint8Array.of(1, 1, 0, 0) } as const;
  expect(entropyBound(form)).toBeCloseTo(4 + 2 + 2, 12);
});

test('nothing and all alike take nothing', () => {
  expect(entropyBound({ kind: 'dense', values: new Float32Array(0) })).toBe(0);
  expect(entropyBound({ kind: 'dense', values: new Float32Array(9).fill(0.1) })).toBe(0);
});
