import type { Shared } from '@pare/core';
import { sharedForms } from '@pare/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compactCodebook } from './compact.ts';
import { shareValues } from './share-values.ts';
import { sharedParametrization } from './shared.ts';

const { toDense } = sharedParametrization;

test('sorts entries, merges equal ones, leaves out unused ones', () => {
  const form: Shared = {
    kind: 'shared',
    codebook: Float32Array.of(3, 9, -1, 3),
    indices: Uint16Array.of(0, 2, 0, 3),
    mask: Uint8Array.of(1, 1, 0, 1),
  };
  expect(compactCodebook(form)).toEqual({
    kind: 'shared',
    codebook: Float32Array.of(-1, 3),
    indices: Uint16Array.of(1, 0, 0, 1),
    mask: form.mask,
  });
});

test('an entry that only pruned weights point to is unused', () => {
  const form: Shared = {
    kind: 'shared',
    codebook: Float32Array.of(3),
    indices: new Uint16Array(2),
    mask: new Uint8Array(2),
  };
  expect(compactCodebook(form).codebook).toEqual(new Float32Array(0));
});

test('returns a compact form as it is', () => {
  const form = shareValues(Float32Array.of(1, 5, 2, 9), undefined, { bits: 1 });
  expect(compactCodebook(form)).toBe(form);
});

test('keeps every weight, and is done after once', () =>
  fc.assert(
    fc.property(sharedForms(), ({ form }) => {
      const compact = compactCodebook(form);
      const [before, after] = [toDense(form), toDense(compact)];
      expect(after.every((value, i) => value === before[i])).toBe(true); // by value: −0 and 0 are one entry
      expect(compact.codebook).toEqual(Float32Array.from(new Set(compact.codebook.slice().sort())));
      expect(compactCodebook(compact)).toBe(compact);
    }),
    { seed: 1 },
  ));
