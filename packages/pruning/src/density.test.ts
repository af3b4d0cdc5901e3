import { expect, test } from 'vitest';
import { densityOf, keptCount } from './density.ts';

const mask = Uint8Array.of(1, 0, 0, 1);
const forms = {
  dense: { kind: 'dense', values: Float32Array.of(1, 0, 0, 0) },
  masked: { kind: 'masked', values: Float32Array.of(1, 0, 0, 0), mask },
  shared: { kind: 'shared', codebook: Float32Array.of(0.5), indices: new Uint16Array(4), mask },
} as const;

test('counts what is kept, zero or not', () => {
  expect([keptCount(forms.dense), keptCount(forms.masked), keptCount(forms.shared)]).toEqual([4, 2, 2]);
  expect([densityOf(forms.dense), densityOf(forms.masked), densityOf(forms.shared)]).toEqual([1, 0.5, 0.5]);
});

test('a form without numbers has density 1: nothing of it is pruned', () =>
  expect(densityOf({ kind: 'masked', values: new Float32Array(0), mask: new Uint8Array(0) })).toBe(1));
