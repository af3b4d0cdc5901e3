import { describe, expect, test } from 'vitest';
import { compareAnswers } from './drift.ts';

const rows = (...numbers: number[]): Float32Array => Float32Array.from(numbers, Math.log);

describe('compareAnswers', () => {
  test('tells divergence in nats, agreement and points lost', () => {
    const original = rows(0.5, 0.5, 0.25, 0.75);
    const changed = rows(0.25, 0.75, 0.25, 0.75);
    const { divergence, ...rest } = compareAnswers(original, changed, 2, [0, 1]);
    // ½·log 2 + ½·log ⅔ for the first, nothing for the second; the first answer goes from 0 (the first of equals) to 1.
    expect(divergence).toBeCloseTo((0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)) / 2, 6);
    expect(rest).toEqual({ agreement: 0.5, drop: 0.5, count: 2 });
  });

  test('a network against itself loses nothing, whatever is added to its logits', () => {
    const logits = Float32Array.of(1000, 1001, -4, 3);
    const drift = compareAnswers(
      logits,
      logits.map((value) => value + 8),
      2,
    );
    expect(drift).toEqual({ divergence: 0, agreement: 1, count: 2 });
  });

  test('points can be won', () => {
    expect(compareAnswers(rows(0.6, 0.4), rows(0.4, 0.6), 2, [1]).drop).toBe(-1);
  });

  test('refuses other shapes and what is no number', () => {
    expect(() => compareAnswers(rows(1, 2), rows(1), 2)).toThrow(
      '"changed" expected 2 numbers, whole rows of 2, got 1',
    );
    expect(() => compareAnswers(rows(1, 2), Float32Array.of(Number.NaN, 0), 2)).toThrow('example 0 are not finite');
  });
});
