import { seededRandom } from '@pare/core';
import { checkForm, hardArrays, hardMasks } from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { largeValues, maskedFloats } from '../test/values.ts';
import { kmeans } from './kmeans.ts';
import { type ShareOptions, shareValues } from './share-values.ts';
import { sharedParametrization } from './shared.ts';

const { toDense } = sharedParametrization;

test('shares kept values; pruned ones stay pruned', () => {
  const form = shareValues(Float32Array.of(1, 0, 1.5, -2), Uint8Array.of(1, 0, 1, 1), { bits: 1 });
  expect(form).toEqual({
    kind: 'shared',
    codebook: Float32Array.of(-2, 1.25),
    indices: Uint16Array.of(1, 0, 1, 0),
    mask: Uint8Array.of(1, 0, 1, 1),
  });
  expect(toDense(form)).toEqual(Float32Array.of(1.25, 0, 1.25, -2));
});

test('without a mask all are kept, zeros too', () => {
  expect(shareValues(Float32Array.of(0, 3), undefined, { bits: 4 })).toEqual({
    kind: 'shared',
    codebook: Float32Array.of(0, 3),
    indices: Uint16Array.of(0, 1),
    mask: Uint8Array.of(1, 1),
  });
});

test('with `zero`, values nearest to zero are pruned and the others share what is left', () => {
  const values = Float32Array.of(-1, 0.1, -0.2, 1, 1.2, 0);
  const form = shareValues(values, undefined, { count: 2, zero: true });
  expect(form.mask).toEqual(Uint8Array.of(1, 0, 0, 1, 1, 0));
  expect(toDense(form)).toEqual(
    Float32Array.of(-1, 0, 0, Math.fround((1 + Math.fround(1.2)) / 2), Math.fround((1 + Math.fround(1.2)) / 2), 0),
  );
});

describe('edges', () => {
  const nothing = { kind: 'shared', codebook: new Float32Array(0) };
  test('no values; nothing kept', () => {
    expect(shareValues(new Float32Array(0), undefined, { bits: 3 })).toMatchObject(nothing);
    for (const zero of [false, true]) {
      const form = shareValues(new Float32Array(4), new Uint8Array(4), { bits: 3, zero });
      expect(form).toEqual({ ...nothing, indices: new Uint16Array(4), mask: new Uint8Array(4) });
    }
  });

  test('fewer different values than entries: only as many', () => {
    expect(shareValues(Float32Array.of(1, 1, 2), undefined, { bits: 16 }).codebook).toEqual(Float32Array.of(1, 2));
  });

  test('what a pruned place holds does not matter', () => {
    const form = shareValues(Float32Array.of(Number.NaN, 1), Uint8Array.of(0, 1), { bits: 1 });
    expect(toDense(form)).toEqual(Float32Array.of(0, 1));
  });

  test('as many entries as 16 bits address', () => {
    const values = Float32Array.from({ length: 70_000 }, (_, i) => i / 8);
    const { codebook, indices } = shareValues(values, undefined, { bits: 16 });
    expect(codebook.length).toBe(65_536);
    expect(indices.at(-1)).toBe(65_535);
  });

  test('16 bits and a zero', () => {
    const form = shareValues(Float32Array.of(-1, 0.1, 2), undefined, { bits: 16, zero: true });
    expect(toDense(form)).toEqual(Float32Array.of(-1, 0.1, 2));
  });

  test.each(hardArrays())('$name', ({ value: values }) => {
    for (const { value: mask } of hardMasks(values.length)) {
      for (const options of [
        { bits: 2 },
        { count: 3, method: 'optimal' },
        { bits: 3, zero: true },
      ] satisfies ShareOptions[]) {
        const form = shareValues(values, mask, options);
        checkForm(form, [values.length]);
        expect(toDense(form).every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe('laws', () => {
  const options: readonly ShareOptions[] = [
    { bits: 2 },
    { count: 3, init: 'density' },
    { count: 4, init: 'random', random: seededRandom(2) },
    { bits: 1, method: 'optimal' },
    { count: 3, zero: true },
  ];
  test.each(options)('every entry is used, ascending, different; pruned stays pruned: %o', (each) =>
    fc.assert(
      fc.property(maskedFloats(), ({ values, mask }) => {
        const before = [values.slice(), mask.slice()];
        const form = shareValues(values, mask, each);
        checkForm(form, [values.length]);
        expect([values, mask]).toEqual(before);
        expect(form.codebook.length).toBeLessThanOrEqual(each.count ?? 2 ** each.bits!);
        expect(form.codebook).toEqual(Float32Array.from(new Set(form.codebook.slice().sort())));
        expect(new Set(form.indices.filter((_, i) => form.mask[i])).size).toBe(form.codebook.length);
        expect(form.mask.every((bit, i) => bit <= mask[i]!)).toBe(true);
        if (!each.zero) expect(form.mask).toEqual(mask);
      }),
      { seed: 1 },
    ),
  );

  test('is k-means on the kept values', () =>
    fc.assert(
      fc.property(maskedFloats(), ({ values, mask }) => {
        const kept = values.filter((_, i) => mask[i]);
        const { codebook, indices } = kmeans(kept, 3);
        const form = shareValues(values, mask, { count: 3 });
        expect(form.codebook).toEqual(codebook);
        expect(form.indices.filter((_, i) => mask[i])).toEqual(indices);
      }),
      { seed: 1 },
    ));

  test('importance moves entries towards the values it stresses', () => {
    const values = Float32Array.of(0, 1, 5, 6);
    const importance = Float32Array.of(1, 3, 1, 1);
    for (const method of ['lloyd', 'optimal'] as const) {
      const form = shareValues(values, undefined, { count: 2, importance, method });
      expect(form.codebook).toEqual(Float32Array.of(0.75, 5.5));
    }
  });

  test('the same seed draws the same start, whatever was drawn before', () => {
    const values = largeValues(seededRandom(1), 500);
    const draw = () =>
      shareValues(values, undefined, { bits: 4, init: 'random', random: seededRandom(3), iterations: 2 });
    expect(draw()).toEqual(draw());
  });
});

describe('errors', () => {
  const values = Float32Array.of(1, 2, 3);
  test.each([
    [{}, TypeError, 'shareValues: expected one of "bits" and "count", got neither'],
    [{ bits: 1, count: 2 }, TypeError, 'shareValues: expected one of "bits" and "count", got both'],
    [{ bits: 17 }, RangeError, 'shareValues: "bits" expected a whole number 1 … 16, got 17'],
    [{ count: 0 }, RangeError, 'shareValues: "count" expected a whole number 1 … 65536, got 0'],
    [
      { bits: 1, method: 'best' as 'optimal' },
      RangeError,
      `shareValues: "method" expected 'lloyd' or 'optimal', got 'best'`,
    ],
    [{ bits: 1, init: 'random' }, TypeError, '"random" expected a Random'],
    [
      { bits: 1, zero: true, method: 'optimal' },
      RangeError,
      `shareValues: "zero" expected false with method 'optimal', got true`,
    ],
    [
      { bits: 1, importance: Float32Array.of(1) },
      RangeError,
      'shareValues: "importance" expected one number per value, that is 3, got 1',
    ],
  ] as const)('%o', (options, kind, message) => {
    expect(() => shareValues(values, undefined, options)).toThrow(kind);
    expect(() => shareValues(values, undefined, options)).toThrow(message);
  });

  test('numbers that are none, masks that do not fit', () => {
    expect(() => shareValues(Float32Array.of(1, Number.NaN), undefined, { bits: 1 })).toThrow(
      'shareValues: "values" expected finite numbers, got NaN at index 1',
    );
    expect(() => shareValues(values, new Uint8Array(2), { bits: 1 })).toThrow(
      'shareValues: "mask" expected one number per value, that is 3, got 2',
    );
    expect(() => shareValues(values, Uint8Array.of(1, 255, 0), { bits: 1 })).toThrow(
      'shareValues: "mask" expected 0 or 1, got 255 at index 1',
    );
  });
});
