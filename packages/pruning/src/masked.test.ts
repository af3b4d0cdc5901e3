import { describeParametrization } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { applyMask, maskedParametrization } from './masked.ts';

describe('applyMask', () => {
  test('holds pruned numbers at zero and copies the others', () => {
    const values = Float32Array.of(1, -2, -0);
    expect(applyMask(values, Uint8Array.of(1, 0, 1)).values).toEqual(Float32Array.of(1, 0, -0));
    expect([...values]).toEqual([1, -2, -0]);
  });

  test('refuses a mask of another length', () =>
    expect(() => applyMask(new Float32Array(2), new Uint8Array(3))).toThrow('"mask" expected 2 entries, got 3'));
});

describeParametrization('masked', maskedParametrization);
