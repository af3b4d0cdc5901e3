import { seededRandom } from '@pare/core';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { lowRankFactors } from './low-rank.ts';

const normals = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, seededRandom(seed).normal);

/** left [rows, rank] · right [rank, columns]. */
const multiplied = (left: Float32Array, right: Float32Array, rows: number, columns: number): Float64Array => {
  const rank = left.length / rows;
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += left[i * rank + k]! * right[k * columns + j]!;
    return sum;
  });
};

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));

describe('lowRankFactors', () => {
  test('finds a matrix of rank 1 again, sharing its size evenly', () => {
    const { left, right, error } = lowRankFactors(Float32Array.of(3, 4, 6, 8), 2, 2, 1);
    expect(distance(multiplied(left, right, 2, 2), [3, 4, 6, 8])).toBeLessThan(1e-5);
    expect(Math.hypot(...left)).toBeCloseTo(Math.hypot(...right), 5);
    expect(error).toBeLessThan(1e-6);
  });

  test.each([
    [12, 30],
    [30, 12],
    [17, 17],
  ])('misses as little of a [%i, %i] matrix as its singular values allow, at every rank', (rows, columns) => {
    const values = normals(rows * columns, 1);
    const { diagonal } = new SingularValueDecomposition(Matrix.from1DArray(rows, columns, values), {
      autoTranspose: true,
    });
    const squares = diagonal.map((sigma) => sigma ** 2).sort((a, b) => b - a);
    const whole = squares.reduce((a, b) => a + b, 0);
    for (let rank = 1; rank <= Math.min(rows, columns); rank++) {
      const { left, right, error } = lowRankFactors(values, rows, columns, rank);
      expect([left.length, right.length]).toEqual([rows * rank, rank * columns]);
      const least = squares.slice(rank).reduce((a, b) => a + b, 0);
      const missed = distance(multiplied(left, right, rows, columns), values) ** 2;
      expect(missed).toBeLessThan(least + 1e-6 * whole);
      expect(Math.abs(error - least / whole)).toBeLessThan(1e-6);
    }
  });

  test('searches large matrices: near the best, and the same for the same chance', () => {
    // 520 × 530 of rank 6 with singular values that fall by half, and a little noise
    const [rows, columns, rank] = [520, 530, 6];
    const [u, v] = [normals(rows * rank, 2), normals(rank * columns, 3)];
    const scaled = v.map((value, at) => value / 2 ** Math.floor(at / columns));
    const exact = multiplied(u, scaled, rows, columns);
    const noise = normals(rows * columns, 4);
    const values = Float32Array.from(exact, (value, i) => value + 1e-3 * noise[i]!);
    const found = lowRankFactors(values, rows, columns, rank, { random: seededRandom(1) });
    const missed = distance(multiplied(found.left, found.right, rows, columns), values);
    expect(missed).toBeLessThan(1.01 * 1e-3 * Math.sqrt(rows * columns)); // the noise
    expect(found.error).toBeCloseTo((missed / distance(values, new Float32Array(values.length))) ** 2, 6);
    expect(lowRankFactors(values, rows, columns, rank, { random: seededRandom(1) })).toEqual(found);
    expect(() => lowRankFactors(values, rows, columns, rank)).toThrow('"random" expected for [520, 530], got none');
  });

  test('makes zeros of zeros, and of directions that there are not', () => {
    const zeros = lowRankFactors(new Float32Array(6), 2, 3, 2);
    expect([...zeros.left, ...zeros.right].every((value) => value === 0)).toBe(true);
    expect(zeros.error).toBe(0);
    const one = lowRankFactors(Float32Array.of(1, 1, 1, 1), 2, 2, 2);
    expect(distance(multiplied(one.left, one.right, 2, 2), [1, 1, 1, 1])).toBeLessThan(1e-6);
  });

  test('refuses ranks, lengths and numbers that do not fit', () => {
    const four = new Float32Array(4);
    expect(() => lowRankFactors(four, 2, 2, 3)).toThrow('"rank" expected 1 … 2, got 3');
    expect(() => lowRankFactors(four, 2, 2, 0.5)).toThrow(RangeError);
    expect(() => lowRankFactors(four, 2, 3, 1)).toThrow('"values" expected rows · columns = 2 · 3, got 4');
    expect(() => lowRankFactors(four, 2, 2, 1, { iterations: -1 })).toThrow('"iterations" expected a whole number ≥ 0');
    expect(() => lowRankFactors(Float32Array.of(1, Number.NaN, 0, 0), 2, 2, 1)).toThrow('got NaN at index 1');
  });
});
