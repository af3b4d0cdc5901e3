import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { magnitudeMask } from './magnitude.ts';
import { globalThreshold } from './threshold.ts';

const seed = 1;
const layers = fc.array(
  fc.float32Array({ noNaN: true, min: -100, max: 100, minLength: 1, maxLength: 20 }).map((v) => Float32Array.from(v)),
  { minLength: 1, maxLength: 5 },
);
const ones = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0);

describe('globalThreshold', () => {
  test('lets layers compete', () => {
    const { threshold, masks } = globalThreshold(
      [{ values: Float32Array.of(1, 2, 3, 9) }, { values: Float32Array.of(8, 7) }],
      0.5,
    );
    expect(threshold).toBe(7); // each layer's own, 9 and 8, are given; 7 wins the competition for the third place
    expect(masks.map((mask) => [...mask])).toEqual([
      [0, 0, 0, 1],
      [1, 1],
    ]);
  });

  test('protects small layers by a least share', () => {
    const small = { values: Float32Array.of(0.1, 0.2, 0.3, 0.4) };
    const large = { values: Float32Array.of(5, 6, 7, 8, 9, 10, 11, 12) };
    expect(globalThreshold([small, large], 0.5).masks.map(ones)).toEqual([1, 5]);
    expect(globalThreshold([{ ...small, minKeep: 0.75 }, large], 0.5).masks.map(ones)).toEqual([3, 3]);
  });

  test('divides by the root mean square when asked, so that a layer’s scale does not count', () =>
    fc.assert(
      fc.property(layers, fc.integer({ min: -8, max: 8 }), (all, power) => {
        // powers of two scale without rounding
        const choose = (factor: number) =>
          globalThreshold(
            all.map((values, i) => ({
              values: i === 0 ? values.map((x) => x * factor) : values,
              scale: 'rms' as const,
            })),
            1,
          );
        fc.pre(all[0]!.every((x) => x === 0 || Math.abs(x) > 1e-30));
        expect(choose(2 ** power).masks).toEqual(choose(1).masks);
        expect(choose(2 ** power).threshold).toBe(choose(1).threshold);
      }),
      { seed },
    ));

  test('keeps the exact count, and one of each layer', () =>
    fc.assert(
      fc.property(layers, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (all, keep, rms) => {
        const total = all.reduce((sum, values) => sum + values.length, 0);
        const expected = Math.round(keep * total);
        fc.pre(expected >= all.length);
        const { masks } = globalThreshold(
          all.map((values) => ({ values, scale: rms ? ('rms' as const) : 1 })),
          keep,
        );
        expect(masks.map(ones).reduce((a, b) => a + b)).toBe(expected);
        expect(masks.every((mask) => ones(mask) >= 1)).toBe(true);
      }),
      { seed },
    ));

  test('on one layer is magnitudeMask', () =>
    fc.assert(
      fc.property(layers, fc.double({ min: 0, max: 1, noNaN: true }), ([values], keep) => {
        fc.pre(Math.round(keep * values!.length) >= 1);
        expect(globalThreshold([{ values: values! }], keep).masks[0]).toEqual(magnitudeMask(values!, { keep }));
      }),
      { seed },
    ));

  test('leaves pruned what was pruned', () => {
    const among = Uint8Array.of(0, 1, 1);
    const { masks } = globalThreshold(
      [{ values: Float32Array.of(9, 1, 2), among }, { values: Float32Array.of(5) }],
      0.5,
    );
    expect(masks.map((mask) => [...mask])).toEqual([[0, 0, 1], [1]]);
  });

  test('takes layers of zeros and layers without numbers', () => {
    const zeros = { values: new Float32Array(4), scale: 'rms' as const };
    expect(globalThreshold([zeros, { values: new Float32Array(0) }], 0.5).masks.map(ones)).toEqual([2, 0]);
    expect(globalThreshold([], 0.5).masks).toEqual([]);
  });

  test('names the layer of what it refuses', () => {
    const values = Float32Array.of(1, 2);
    expect(() => globalThreshold([{ values: Float32Array.of(Number.NaN), name: 'ip1' }], 1)).toThrow(
      'globalThreshold, layer ip1: "values" expected finite numbers, got NaN at index 0',
    );
    expect(() => globalThreshold([{ values, scale: 0 }], 1)).toThrow('layer 0: "scale" expected');
    expect(() => globalThreshold([{ values, minKeep: 2 }], 1)).toThrow('layer 0: "minKeep" expected 0 … 1, got 2');
    expect(() => globalThreshold([{ values, minKeep: 1 }], 0.5)).toThrow('protected shares of at most 1 numbers');
    expect(() => globalThreshold([{ values }], 2)).toThrow('"keep" expected 0 … 1, got 2');
    expect(() => globalThreshold([{ values, among: new Uint8Array(1) }], 1)).toThrow('"among" expected 2 entries');
  });
});
