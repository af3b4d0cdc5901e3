import { expect, test } from 'vitest';
import { packWeights, sparsePattern, unpackWeights } from './sparse-pattern.ts';

test('lists the kept positions of a matrix', () => {
  const pattern = sparsePattern([1, 0, 0, 1, 1, 0], [2, 3]);
  expect(pattern.positions).toEqual(Int32Array.of(0, 3, 4));
  expect(pattern).toMatchObject({ count: 3, density: 0.5, outChannels: 2, inChannels: 3, rows: 1, columns: 1 });
});

test('takes any value but 0, −0 included, for kept', () => {
  expect(sparsePattern([0.5, -0, Number.NaN, -2], [1, 4]).positions).toEqual(Int32Array.of(0, 2, 3));
});

test('may keep nothing', () => {
  expect(sparsePattern([0, 0], [2, 1])).toMatchObject({ count: 0, density: 0 });
});

test('packs the kept weights and unpacks them among zeros', () => {
  const pattern = sparsePattern([0, 1, 0, 0, 1, 1], [2, 3]);
  const packed = packWeights(pattern, [1, 2, 3, 4, 5, 6]);
  expect(packed).toEqual(Float32Array.of(2, 5, 6));
  expect(unpackWeights(pattern, packed)).toEqual(Float32Array.of(0, 2, 0, 0, 5, 6));
  expect(() => packWeights(pattern, [1, 2])).toThrow(/"weights" expected 6 values for \[2,3\], got 2/);
  expect(() => unpackWeights(pattern, [1, 2])).toThrow(/"packed" expected 3 values, got 2/);
});

test('refuses shapes that are no weights and masks of another length', () => {
  expect(() => sparsePattern([1], [1])).toThrow(/"shape" expected \[K, C, R, S\] or \[K, C\], got \[1\]/);
  expect(() => sparsePattern([1, 1], [1, 3])).toThrow(/"mask" expected 3 values for \[1,3\], got 2/);
});
