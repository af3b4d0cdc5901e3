import { checkForm } from '@pare/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskedFloats } from '../test/values.ts';
import { sharedParametrization } from './shared.ts';
import { uniformShare } from './uniform.ts';

const { toDense } = sharedParametrization;

test('rounds to multiples of the step, halves away from zero', () => {
  const form = uniformShare(Float32Array.of(0.25, 0.24, -0.25, -0.76, 1.2), undefined, { step: 0.5 });
  expect(toDense(form)).toEqual(Float32Array.of(0.5, 0, -0.5, -1, 1));
  expect(form.codebook).toEqual(Float32Array.of(-1, -0.5, 0.5, 1));
});

test('level zero is pruned', () => {
  expect(uniformShare(Float32Array.of(0, 0.1, 1), undefined, { step: 1 }).mask).toEqual(Uint8Array.of(0, 0, 1));
});

test('bits levels lie symmetrically and reach the largest', () => {
  const form = uniformShare(Float32Array.of(-7, 3.4, 1, 0.4), undefined, { bits: 4 }); // levels −7 … 7
  expect(toDense(form)).toEqual(Float32Array.of(-7, 3, 1, 0));
});

test('edges: nothing, all zero, nothing kept', () => {
  expect(uniformShare(new Float32Array(0), undefined, { bits: 2 }).codebook.length).toBe(0);
  expect(uniformShare(new Float32Array(3), undefined, { bits: 8 }).mask).toEqual(new Uint8Array(3));
  expect(uniformShare(Float32Array.of(1), Uint8Array.of(0), { step: 1 }).mask).toEqual(Uint8Array.of(0));
});

test('is off by half a step at most, on the lattice, odd in its input', () =>
  fc.assert(
    fc.property(maskedFloats(), fc.constantFrom(0.125, 0.3, 1), ({ values, mask }, step) => {
      const form = uniformShare(values, mask, { step });
      checkForm(form, [values.length]);
      const stand = toDense(form);
      const negative = toDense(
        uniformShare(
          values.map((value) => -value),
          mask,
          { step },
        ),
      );
      stand.forEach((value, i) => {
        expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(step / 2 + 8 * 2 ** -24); // |w| ≤ 8, rounded to float32
        expect(value).toBe(Math.fround(Math.round(value / step) * step) + 0);
        expect(negative[i]! + value).toBe(0);
      });
    }),
    { seed: 1 },
  ));

test('errors name the argument', () => {
  const values = Float32Array.of(1, 1000);
  expect(() => uniformShare(values, undefined, { step: 0 })).toThrow(
    'uniformShare: "step" expected a finite number > 0, got 0',
  );
  expect(() => uniformShare(values, undefined, { step: 1e-3 })).toThrow(
    'uniformShare: "step" expected at least 0.030517578125 for values up to 1000, got 0.001',
  );
  expect(() => uniformShare(values, undefined, { bits: 1 })).toThrow(
    'uniformShare: "bits" expected a whole number 2 … 16, got 1',
  );
  expect(() => uniformShare(Float32Array.of(Number.NaN), undefined, { bits: 2 })).toThrow('got NaN at index 0');
});
