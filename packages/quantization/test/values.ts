import type { Random } from '@pare/core';
import fc from 'fast-check';

/** Any finite floats: zeros of both signs, denormals and repeated values among them. */
export const floats = (maxLength = 40, limit?: number): fc.Arbitrary<Float32Array> => {
  const one = fc.float({ noNaN: true, noDefaultInfinity: true, ...(limit && { min: -limit, max: limit }) });
  const small = fc.integer({ min: -4, max: 4 }).map((whole) => whole / 2); // ties
  return fc.oneof(fc.array(one, { maxLength }), fc.array(small, { maxLength })).map((list) => Float32Array.from(list));
};

/** Values with a mask. */
export const maskedFloats = (maxLength = 40): fc.Arbitrary<{ values: Float32Array; mask: Uint8Array }> =>
  floats(maxLength, 8).chain((values) =>
    fc
      .array(fc.constantFrom(0, 1), { minLength: values.length, maxLength: values.length })
      .map((bits) => Uint8Array.from(bits))
      .map((mask) => ({ values: values.map((value, i) => (mask[i] ? value : 0)), mask })),
  );

/** Bell-shaped values of many magnitudes. */
export const largeValues = (random: Random, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => random.normal() * (i % 3 ? 0.02 : 2));

/** Σ h_i·(w_i − ŵ_i)², the plainest way. */
export const squaredError = (values: Float32Array, stand: Float32Array, importance?: Float32Array): number =>
  values.reduce((sum, value, i) => sum + (importance?.[i] ?? 1) * (value - stand[i]!) ** 2, 0);
