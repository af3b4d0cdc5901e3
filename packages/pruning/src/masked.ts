import type { Masked, Parametrization } from '@pare/core';

/**
 * Holds numbers at zero where a mask says so.
 *
 * @param values - copied, not changed
 * @param mask - 1 = kept; same length
 * @throws RangeError if the lengths differ
 * @example
 * applyMask(Float32Array.of(0.5, -2), Uint8Array.of(0, 1)).values // Float32Array [0, -2]
 */
export function applyMask(values: Float32Array, mask: Uint8Array): Masked {
  if (mask.length !== values.length) {
    throw new RangeError(`applyMask: "mask" expected ${values.length} entries, got ${mask.length}`);
  }
  const held = new Float32Array(values.length);
  for (let i = 0; i < held.length; i++) if (mask[i] === 1) held[i] = values[i]!;
  return { kind: 'masked', values: held, mask };
}

/**
 * How masked weights are trained: pruned connections stay at zero, the others are free.
 *
 * The free parameters are the kept numbers; J has a column for each, with a single 1, so J·Jᵀ is the mask on the
 * diagonal.
 *
 * ```
 * toDense:           w_i = m_i · c_i
 * constrainGradient: g̃_i = m_i · g_i
 * ```
 *
 * @example
 * maskedParametrization.toDense({ kind: 'masked', values: Float32Array.of(3, 0), mask: Uint8Array.of(1, 0) }) // Float32Array [3, 0]
 * @see Han, Pool, Tran, Dally 2015, section 3
 */
export const maskedParametrization: Parametrization<Masked> = {
  kind: 'masked',
  toDense({ values }, out = new Float32Array(values.length)) {
    out.set(values); // zero where pruned: a promise of the form
    return out;
  },
  constrainGradient({ mask }, gradient) {
    for (let i = 0; i < gradient.length; i++) if (mask[i] === 0) gradient[i] = 0;
  },
  absorb: ({ mask }, values) => applyMask(values, mask),
};
