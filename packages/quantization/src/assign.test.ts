import { seededRandom } from '@pare/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floats, largeValues } from '../test/values.ts';
import { assign, assignPlain, midpoints } from './assign.ts';

test('sends each value to the nearest entry, and to the lower at the same distance', () => {
  const bounds = midpoints(Float32Array.of(-1, 0, 3));
  expect(assign(Float32Array.of(-9, -0.5, -0.4, 1.5, 1.6), bounds)).toEqual(Uint16Array.of(0, 0, 1, 1, 2));
});

test('without bounds there is one interval; without values, nothing to say', () => {
  expect(assign(Float32Array.of(1, 2), new Float64Array(0))).toEqual(Uint16Array.of(0, 0));
  expect(assign(new Float32Array(0), Float64Array.of(1))).toEqual(new Uint16Array(0));
  expect(midpoints(new Float32Array(0))).toEqual(new Float64Array(0));
});

test('is nearest among all entries', () =>
  fc.assert(
    fc.property(floats(), floats(), (values, entries) => {
      const codebook = Float32Array.from(new Set(entries.sort()));
      fc.pre(codebook.length > 0);
      const indices = assignPlain(values, midpoints(codebook));
      values.forEach((value, i) => {
        const nearest = Math.min(...codebook.map((entry) => Math.abs(value - entry)));
        expect(Math.fround(Math.abs(value - codebook[indices[i]!]!))).toBe(Math.fround(nearest));
      });
    }),
    { seed: 1 },
  ));

// The table serves from 65 536 values on, so the twins are compared there.
test.each([1, 2, 33, 1000, 65_535])('by table and by bisection, values fall between the same of %i bounds', (count) => {
  const random = seededRandom(count);
  const values = largeValues(random, 70_000);
  values.set([0, -0, 1e-45, -1e-45, 3.4e38, -3.4e38]);
  const bounds = Float64Array.from({ length: count }, (_, i) => (i % 5 ? random.normal() : values[i]!)).sort();
  const plain = assignPlain(values, bounds);
  expect(assign(values, bounds).findIndex((k, i) => k !== plain[i])).toBe(-1);
});

test('by table, too, both zeros are up to a bound of zero of either sign', () => {
  const values = new Float32Array(70_000).map((_, i) => [0, -0, 1e-45, -1e-45][i % 4]!);
  for (const bound of [0, -0, 1e-46, -1e-46]) {
    const bounds = Float64Array.of(bound);
    const plain = assignPlain(values, bounds);
    expect(assign(values, bounds).findIndex((k, i) => k !== plain[i])).toBe(-1);
  }
});

test('writes to the array it is given', () => {
  const out = new Uint16Array(1);
  expect(assign(Float32Array.of(2), Float64Array.of(1), out)).toBe(out);
});
