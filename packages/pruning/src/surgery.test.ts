import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { magnitudeMask } from './magnitude.ts';
import { surgeryMask } from './surgery.ts';

const seed = 1;
const cases = fc.integer({ min: 0, max: 40 }).chain((length) =>
  fc.tuple(
    fc
      .float32Array({ noNaN: true, min: -4, max: 4, minLength: length, maxLength: length })
      .map((v) => Float32Array.from(v)),
    fc.uint8Array({ max: 1, minLength: length, maxLength: length }).map((m) => Uint8Array.from(m)),
  ),
);

describe('surgeryMask', () => {
  test('prunes the weak, splices the strong, leaves those between', () => {
    const values = Float32Array.of(1, 1, 3, 3, -5, -5);
    const previous = Uint8Array.of(0, 1, 0, 1, 0, 1);
    expect([...surgeryMask(values, previous, { prune: 2, splice: 4 })]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test('with a share, keeps exactly so many', () =>
    fc.assert(
      fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), ([values, previous], keep) => {
        const count = surgeryMask(values, previous, { keep }).reduce((sum, bit) => sum + bit, 0);
        expect(count).toBe(Math.round(keep * values.length));
      }),
      { seed },
    ));

  test('with a share, there are two such thresholds', () =>
    fc.assert(
      fc.property(cases, ([values, previous]) => {
        const margin = 0.25;
        const mask = surgeryMask(values, previous, { keep: 0.5, margin });
        const scaled = (i: number) => Math.fround(Math.abs(values[i]!) / (previous[i] ? 1 - margin : 1 + margin));
        const which = Array.from(mask.keys());
        const weakestKept = Math.min(...which.filter((i) => mask[i] === 1).map(scaled));
        const strongestPruned = Math.max(...which.filter((i) => mask[i] === 0).map(scaled));
        if (values.length > 1) expect(strongestPruned).toBeLessThanOrEqual(weakestKept);
      }),
      { seed },
    ));

  test('without a margin is magnitudeMask, ties aside', () =>
    fc.assert(
      fc.property(cases, ([values, previous]) => {
        fc.pre(new Set(values.map(Math.abs)).size === values.length && values.length > 1);
        expect(surgeryMask(values, previous, { keep: 0.5, margin: 0 })).toEqual(magnitudeMask(values, { keep: 0.5 }));
      }),
      { seed },
    ));

  test('may write to the previous mask', () => {
    const mask = Uint8Array.of(1, 0);
    surgeryMask(Float32Array.of(1, 2), mask, { keep: 0.5 }, mask);
    expect([...mask]).toEqual([0, 1]);
  });

  test('refuses rules outside their range', () => {
    const one = Uint8Array.of(1);
    const values = Float32Array.of(1);
    expect(() => surgeryMask(values, one, { prune: 2, splice: 1 })).toThrow('"splice" expected ≥ prune = 2, got 1');
    expect(() => surgeryMask(values, one, { prune: -1, splice: 1 })).toThrow('"prune" expected ≥ 0');
    expect(() => surgeryMask(values, one, { keep: 2 })).toThrow('"keep" expected 0 … 1, got 2');
    expect(() => surgeryMask(values, one, { keep: 1, margin: 1 })).toThrow('"margin" expected 0 ≤ margin < 1, got 1');
    expect(() => surgeryMask(values, new Uint8Array(2), { keep: 1 })).toThrow('"previous" expected 1 entries');
    expect(() => surgeryMask(Float32Array.of(Number.NaN), one, { keep: 1 })).toThrow('got NaN at index 0');
  });
});
