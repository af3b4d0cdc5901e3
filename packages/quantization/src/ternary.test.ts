import { expect, test } from 'vitest';
import { sharedParametrization } from './shared.ts';
import { ternaryShare } from './ternary.ts';

const { toDense } = sharedParametrization;

test('small values are pruned, the others share a magnitude', () => {
  // mean |w| = 1.625, Δ = 1.1375
  expect(toDense(ternaryShare(Float32Array.of(4, -2, 0.5, 0)))).toEqual(Float32Array.of(3, -3, 0, 0));
});

test('the threshold is in mean magnitudes of the kept', () => {
  expect(ternaryShare(Float32Array.of(1, -1, 4, 9), Uint8Array.of(1, 1, 1, 0), 0.4).mask).toEqual(
    Uint8Array.of(1, 1, 1, 0),
  );
  expect(ternaryShare(Float32Array.of(1, -1, 4, 9), Uint8Array.of(1, 1, 1, 0), 0.5).mask).toEqual(
    Uint8Array.of(0, 0, 1, 0),
  );
});

test('edges: nothing, all zero, nothing kept', () => {
  expect(ternaryShare(new Float32Array(0)).codebook.length).toBe(0);
  expect(ternaryShare(new Float32Array(3)).mask).toEqual(new Uint8Array(3));
  expect(ternaryShare(Float32Array.of(1), Uint8Array.of(0)).mask).toEqual(new Uint8Array(1));
});

test('refuses a threshold below zero', () => {
  expect(() => ternaryShare(Float32Array.of(1), undefined, -1)).toThrow(
    'ternaryShare: "threshold" expected a number ≥ 0, got -1',
  );
});
