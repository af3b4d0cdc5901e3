import { hardArrays } from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MagnitudeRule, magnitudeMask, magnitudeThreshold, standardDeviation } from './magnitude.ts';

const seed = 1;
const arrays = fc
  .float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 60 })
  .map((values) => Float32Array.from(values));
const coarse = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 60 }).map((values) => Float32Array.from(values)); // many ties

/** The plain twin: sorts, largest first, ties by index. */
function bySorting(values: Float32Array, count: number): Uint8Array {
  const order = Array.from(values.keys()).sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  const mask = new Uint8Array(values.length);
  for (const i of order.slice(0, count)) mask[i] = 1;
  return mask;
}

describe('magnitudeMask', () => {
  test('keeps the largest', () => {
    expect([...magnitudeMask(Float32Array.of(0.1, -3, 2, 0, 0.5), { keep: 0.4 })]).toEqual([0, 1, 1, 0, 0]);
    expect([...magnitudeMask(Float32Array.of(0.1, -3, 2, 0, 0.5), { threshold: 0.5 })]).toEqual([0, 1, 1, 0, 1]);
    expect([...magnitudeMask(Float32Array.of(1, -1, 3, -3), { quality: 1 })]).toEqual([0, 0, 1, 1]); // σ = √5 ≈ 2.24
  });

  test('of equal magnitudes keeps those of lower index', () => {
    expect([...magnitudeMask(Float32Array.of(1, -1, 1, -1), { keep: 0.5 })]).toEqual([1, 1, 0, 0]);
    expect([...magnitudeMask(new Float32Array(4), { keep: 0.25 })]).toEqual([1, 0, 0, 0]);
  });

  test('keeps at least `min`, one by default', () => {
    expect([...magnitudeMask(Float32Array.of(1, 2, 3), { keep: 0.01 })]).toEqual([0, 0, 1]);
    expect([...magnitudeMask(Float32Array.of(1, 2, 3), { keep: 0.01, min: 2 })]).toEqual([0, 1, 1]);
    expect([...magnitudeMask(Float32Array.of(1, 2, 3), { keep: 0.01, min: 9 })]).toEqual([1, 1, 1]);
    expect([...magnitudeMask(Float32Array.of(1, 2, 3), { keep: 0, min: 0 })]).toEqual([0, 0, 0]);
  });

  test('leaves pruned what was pruned, and counts shares of all', () => {
    const among = Uint8Array.of(1, 0, 1, 1);
    const values = Float32Array.of(1, 9, 2, 3);
    expect([...magnitudeMask(values, { keep: 0.5 }, among)]).toEqual([0, 0, 1, 1]);
    expect([...magnitudeMask(values, { keep: 1 }, among)]).toEqual([1, 0, 1, 1]);
    expect([...magnitudeMask(values, { threshold: 2 }, among)]).toEqual([0, 0, 1, 1]);
    expect([...magnitudeMask(values, { quality: 4 }, among)]).toEqual([0, 0, 0, 0]); // 4σ = 3.27 of 1, 2, 3
  });

  test('writes to `out`, which may be the earlier mask', () => {
    const among = Uint8Array.of(1, 0, 1, 1);
    expect(magnitudeMask(Float32Array.of(1, 9, 2, 3), { keep: 0.25 }, among, among)).toBe(among);
    expect([...among]).toEqual([0, 0, 0, 1]);
  });

  test('agrees with sorting, denormals, extremes and ties included', () => {
    const agrees = (values: Float32Array, keep: number) => {
      const count = Math.min(values.length, Math.max(1, Math.round(keep * values.length)));
      expect(magnitudeMask(values, { keep })).toEqual(bySorting(values, count));
    };
    for (const { value } of hardArrays()) for (const keep of [0, 0.1, 0.5, 0.9, 1]) agrees(value, keep);
    fc.assert(fc.property(fc.oneof(arrays, coarse), fc.double({ min: 0, max: 1, noNaN: true }), agrees), { seed });
  });

  test('agrees with sorting across blocks', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i * i));
    expect(magnitudeMask(values, { keep: 0.3 })).toEqual(bySorting(values, 3000));
  });

  test('pruning further prunes a superset', () =>
    fc.assert(
      fc.property(arrays, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, keep) => {
        const first = magnitudeMask(values, { keep });
        const second = magnitudeMask(values, { keep: keep / 2 }, first);
        expect(second).toEqual(magnitudeMask(values, { keep: keep / 2 }));
        expect(second.every((bit, i) => bit <= first[i]!)).toBe(true);
      }),
      { seed },
    ));

  test('refuses numbers that are not finite, naming the index, and rules outside their range', () => {
    const refuses = (values: Float32Array, rule: MagnitudeRule, message: string) =>
      expect(() => magnitudeMask(values, rule)).toThrow(message);
    refuses(Float32Array.of(0, Number.NaN), { keep: 1 }, '"values" expected finite numbers, got NaN at index 1');
    refuses(Float32Array.of(1 / 0), { keep: 1 }, '"values" expected finite numbers, got Infinity at index 0');
    refuses(Float32Array.of(1), { keep: 1.5 }, '"keep" expected 0 … 1, got 1.5');
    refuses(Float32Array.of(1), { keep: Number.NaN }, '"keep" expected 0 … 1, got NaN');
    refuses(Float32Array.of(1), { keep: 1, min: -1 }, '"min" expected a whole number ≥ 0, got -1');
    refuses(Float32Array.of(1), { threshold: -1 }, '"threshold" expected ≥ 0, got -1');
    refuses(Float32Array.of(1), { quality: -1 }, '"quality" expected ≥ 0, got -1');
    refuses(Float32Array.of(1), {} as MagnitudeRule, '"rule" expected one of keep, threshold, quality');
    expect(() => magnitudeMask(Float32Array.of(1), { keep: 1 }, new Uint8Array(2))).toThrow(
      '"among" expected 1 entries',
    );
    expect(() => magnitudeMask(Float32Array.of(1), { keep: 1 }, Uint8Array.of(7))).toThrow('expected 0 or 1, got 7');
    expect(() => magnitudeMask(Float32Array.of(1), { keep: 1 }, undefined, new Uint8Array(2))).toThrow('"out"');
    // @ts-expect-error one rule at a time
    magnitudeMask(Float32Array.of(1), { quality: '1' as const });
  });
});

describe('magnitudeThreshold', () => {
  test('is the threshold that a share amounts to, where there are no ties', () =>
    fc.assert(
      fc.property(
        arrays.map((values) => Float32Array.from(new Set(values.map(Math.abs)))),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, keep) => {
          const threshold = magnitudeThreshold(values, keep);
          expect(magnitudeMask(values, { threshold })).toEqual(magnitudeMask(values, { keep }));
        },
      ),
      { seed },
    ));

  test('is infinite for nothing', () =>
    expect(magnitudeThreshold(new Float32Array(0), 0.5)).toBe(Number.POSITIVE_INFINITY));
  test('refuses a share outside 0 … 1', () =>
    expect(() => magnitudeThreshold(Float32Array.of(1), -1)).toThrow('"keep"'));
});

describe('standardDeviation', () => {
  test('is around the mean, of those that count', () => {
    expect(standardDeviation(Float32Array.of(2, 4))).toBe(1);
    expect(standardDeviation(Float32Array.of(2, 100, 4), Uint8Array.of(1, 0, 1))).toBe(1);
    expect(standardDeviation(new Float32Array(0))).toBe(0);
  });
});
