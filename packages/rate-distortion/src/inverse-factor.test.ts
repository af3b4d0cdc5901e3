import { seededRandom } from '@pare/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inverseFactorInPlace } from './inverse-factor.ts';

/** X Xᵀ / size + ridge · I, as moments of random inputs are. */
function positiveDefinite(size: number, seed: number, ridge = 0.1): Float32Array {
  const random = seededRandom(seed);
  const x = Float64Array.from({ length: size * size }, () => random.normal());
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = i === j ? ridge * size : 0;
      for (let k = 0; k < size; k++) sum += x[i * size + k]! * x[j * size + k]!;
      matrix[i * size + j] = sum / size;
    }
  }
  return matrix;
}

/** max |Uᵀ U A − I|, in float64. */
function distanceFromInverse(matrix: Float32Array, factor: Float32Array, size: number): number {
  let largest = 0;
  const row = new Float64Array(size); // of Uᵀ U
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      row[j] = 0;
      for (let k = 0; k <= Math.min(i, j); k++) row[j]! += factor[k * size + i]! * factor[k * size + j]!;
    }
    for (let j = 0; j < size; j++) {
      let sum = i === j ? -1 : 0;
      for (let k = 0; k < size; k++) sum += row[k]! * matrix[k * size + j]!;
      largest = Math.max(largest, Math.abs(sum));
    }
  }
  return largest;
}

// Entries of U are rounded to 2⁻²⁴ of themselves, twice. What becomes of it is at most the condition (< 100) times size times that.
const tolerance = (size: number): number => 100 * size * 2 ** -23;

test('makes the triangle whose square is the inverse', () => {
  // [2 1; 1 2]⁻¹ = [2 −1; −1 2] / 3 = Uᵀ U with U = [√⅔ −√⅙; 0 √½]
  const factor = inverseFactorInPlace(Float32Array.of(2, 1, 1, 2), 2);
  expect(factor[0]).toBeCloseTo(Math.sqrt(2 / 3), 6);
  expect(factor[1]).toBeCloseTo(-Math.sqrt(1 / 6), 6);
  expect(factor[3]).toBeCloseTo(Math.sqrt(1 / 2), 6);
});

test.each([1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 64, 65, 100, 129])('Uᵀ U A is the identity, for %i columns', (size) => {
  const matrix = positiveDefinite(size, size);
  expect(distanceFromInverse(matrix, inverseFactorInPlace(matrix.slice(), size), size)).toBeLessThan(tolerance(size));
});

test('reads the upper half only', () => {
  const matrix = positiveDefinite(20, 3);
  const other = matrix.map((value, at) => (at % 20 < Math.floor(at / 20) ? NaN : value));
  const [a, b] = [inverseFactorInPlace(matrix, 20), inverseFactorInPlace(other, 20)];
  for (let i = 0; i < 20; i++) expect(b.slice(21 * i, 20 * i + 20)).toEqual(a.slice(21 * i, 20 * i + 20));
});

test('works in place, and nothing is nothing', () => {
  const matrix = Float32Array.of(4);
  expect(inverseFactorInPlace(matrix, 1)).toBe(matrix);
  expect(matrix).toEqual(Float32Array.of(0.5));
  expect(inverseFactorInPlace(new Float32Array(0), 0)).toEqual(new Float32Array(0));
});

test('of a diagonal takes the roots of the inverses', () =>
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: Math.fround(1e-3), max: 1e3, noNaN: true }), { maxLength: 20 }),
      (diagonal) => {
        const size = diagonal.length;
        const matrix = new Float32Array(size * size);
        for (const [i, value] of diagonal.entries()) matrix[i * size + i] = value;
        inverseFactorInPlace(matrix, size);
        for (const [i, value] of diagonal.entries()) {
          const root = 1 / Math.sqrt(value);
          expect(Math.abs(matrix[i * size + i]! - root)).toBeLessThan(root * 2 ** -22);
        }
      },
    ),
  ));

test.each([
  ['indefinite', Float32Array.of(1, 2, 2, 1)],
  ['singular', Float32Array.of(1, 1, 1, 1)],
  ['zero', new Float32Array(4)],
  ['without a number', Float32Array.of(NaN, 0, 0, 1)],
])('a matrix that is %s is refused', (_, matrix) => {
  expect(() => inverseFactorInPlace(matrix, 2)).toThrow(/^inverseFactorInPlace: "matrix" expected a positive definite/);
});
