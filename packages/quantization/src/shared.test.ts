import type { Shared } from '@pare/core';
import { seededRandom } from '@pare/core';
import { describeParametrization } from '@pare/testkit';
import { expect, test } from 'vitest';
import { largeValues } from '../test/values.ts';
import { shareValues } from './share-values.ts';
import { sharedParametrization } from './shared.ts';

const { toDense, constrainGradient, absorb } = sharedParametrization;
const form: Shared = {
  kind: 'shared',
  codebook: Float32Array.of(-1, 0.5, 7),
  indices: Uint16Array.of(0, 1, 0, 0, 1),
  mask: Uint8Array.of(1, 1, 0, 1, 1),
};

test('each kept weight is its entry, each pruned one zero', () => {
  expect(toDense(form)).toEqual(Float32Array.of(-1, 0.5, 0, -1, 0.5));
});

test('each member receives the sum over its cluster', () => {
  const gradient = Float32Array.of(1, 2, 100, 3, 4);
  constrainGradient(form, gradient);
  expect(gradient).toEqual(Float32Array.of(4, 6, 0, 4, 6));
});

test('absorbs the means of the members; an entry without members stays', () => {
  const next = absorb(form, Float32Array.of(-2, 1, 99, -3, 1));
  expect(next).toEqual({ ...form, codebook: Float32Array.of(-2.5, 1, 7) });
});

test('a step of gradient descent moves entries by the sum, members together', () => {
  const gradient = Float32Array.of(1, 2, 100, 3, 4);
  constrainGradient(form, gradient);
  const values = toDense(form).map((w, i) => w - 0.25 * gradient[i]!);
  expect(absorb(form, values).codebook).toEqual(Float32Array.of(-2, -1, 7));
});

test('what pruned weights gather is dropped, even if it is not a number', () => {
  const gradient = Float32Array.of(1, 2, Number.NaN, 3, 4);
  constrainGradient(form, gradient);
  expect(gradient).toEqual(Float32Array.of(4, 6, 0, 4, 6));
});

test('works without entries and without weights', () => {
  const none: Shared = {
    kind: 'shared',
    codebook: new Float32Array(0),
    indices: new Uint16Array(2),
    mask: new Uint8Array(2),
  };
  const gradient = Float32Array.of(1, 2);
  constrainGradient(none, gradient);
  expect([gradient, toDense(none), absorb(none, gradient)]).toEqual([new Float32Array(2), new Float32Array(2), none]);
  expect(toDense({ ...none, indices: new Uint16Array(0), mask: new Uint8Array(0) })).toEqual(new Float32Array(0));
});

test('reaches the last of 65 536 entries', () => {
  const codebook = Float32Array.from({ length: 65_536 }, (_, k) => k);
  const full: Shared = { kind: 'shared', codebook, indices: Uint16Array.of(65_535, 0), mask: Uint8Array.of(1, 1) };
  const gradient = Float32Array.of(2, 3);
  constrainGradient(full, gradient);
  expect(gradient).toEqual(Float32Array.of(2, 3));
  expect(absorb(full, Float32Array.of(-1, -2)).codebook.at(-1)).toBe(-1);
});

test('agrees with sums in the plainest way', () => {
  const random = seededRandom(1);
  const mask = Uint8Array.from({ length: 5000 }, () => random.integer(2));
  const shared = shareValues(largeValues(random, 5000), mask, { bits: 5 });
  const gradient = largeValues(random, 5000);
  const expected = gradient.map((_, i) =>
    mask[i]
      ? gradient.reduce((sum, g, j) => (mask[j] && shared.indices[j] === shared.indices[i] ? sum + g : sum), 0)
      : 0,
  );
  constrainGradient(shared, gradient);
  expect(gradient).toEqual(expected);
});

test('refuses arrays of another length', () => {
  expect(() => toDense(form, new Float32Array(4))).toThrow('toDense: "out" expected 5 numbers, got 4');
  expect(() => constrainGradient(form, new Float32Array(6))).toThrow(
    'constrainGradient: "gradient" expected 5 numbers, got 6',
  );
  expect(() => absorb(form, new Float32Array(0))).toThrow(RangeError);
});

describeParametrization('shared', sharedParametrization);
