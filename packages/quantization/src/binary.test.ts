import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { largeValues, squaredError } from '../test/values.ts';
import { binaryShare } from './binary.ts';
import { sharedParametrization } from './shared.ts';

const { toDense } = sharedParametrization;

test('signs times the mean magnitude of the kept', () => {
  expect(toDense(binaryShare(Float32Array.of(1, -3, 2, 0, 50), Uint8Array.of(1, 1, 1, 1, 0)))).toEqual(
    Float32Array.of(1.5, -1.5, 1.5, 1.5, 0),
  );
});

test('edges: nothing, all zero, one sign', () => {
  expect(binaryShare(new Float32Array(0)).codebook.length).toBe(0);
  expect(binaryShare(new Float32Array(2), new Uint8Array(2)).codebook.length).toBe(0);
  expect(binaryShare(new Float32Array(2)).codebook).toEqual(Float32Array.of(0));
  expect(binaryShare(Float32Array.of(1, 3)).codebook).toEqual(Float32Array.of(2));
});

test('no other scale is better', () => {
  const values = largeValues(seededRandom(1), 500);
  const stand = toDense(binaryShare(values));
  for (const factor of [0.99, 1.01]) {
    expect(squaredError(values, stand)).toBeLessThan(
      squaredError(
        values,
        stand.map((value) => value * factor),
      ),
    );
  }
});
