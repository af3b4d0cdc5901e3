import type { Parametrization, Shared } from '@pare/core';

/**
 * How shared weights live under gradient descent: the free parameters are the entries of the codebook.
 *
 *     toDense:           w_i = codebook[k(i)]                                     0 where mask_i is 0
 *     constrainGradient: g̃_i = Σ_{j: k(j) = k(i), mask_j = 1} g_j                 0 where mask_i is 0
 *     absorb:            codebook[k] = mean of the w_i with k(i) = k, mask_i = 1   unchanged where there are none
 *
 * @example
 * sharedParametrization.toDense({ kind: 'shared', codebook: Float32Array.of(-1, 2), indices: Uint16Array.of(1, 0, 0), mask: Uint8Array.of(1, 0, 1) }) // Float32Array [2, 0, -1]
 * @see Han, Mao, Dally 2016, section 3.3, eq. 3
 */
export const sharedParametrization: Parametrization<Shared> = {
  kind: 'shared',

  toDense({ codebook, indices, mask }, out = new Float32Array(indices.length)) {
    checkLength('toDense', 'out', out, indices.length);
    const slots = new Float32Array(codebook.length + 1);
    slots.set(codebook, 1);
    for (let i = 0; i < out.length; i++) out[i] = slots[slotOf(indices[i]!, mask[i]!)]!;
    return out;
  },

  constrainGradient({ codebook, indices, mask }, gradient) {
    checkLength('constrainGradient', 'gradient', gradient, indices.length);
    const sums = new Float64Array(codebook.length + 1);
    const { length } = gradient;
    for (let i = 0; i < length; i++) sums[slotOf(indices[i]!, mask[i]!)]! += gradient[i]!;
    sums[0] = 0; // what pruned weights gathered is dropped, even NaN
    for (let i = 0; i < length; i++) gradient[i] = sums[slotOf(indices[i]!, mask[i]!)]!;
  },

  absorb({ codebook, indices, mask }, values) {
    checkLength('absorb', 'values', values, indices.length);
    const sums = new Float64Array(codebook.length + 1);
    const counts = new Uint32Array(codebook.length + 1);
    for (let i = 0; i < values.length; i++) {
      const slot = slotOf(indices[i]!, mask[i]!);
      sums[slot]! += values[i]!;
      counts[slot]!++;
    }
    const next = codebook.slice();
    for (let k = 0; k < next.length; k++) if (counts[k + 1]! > 0) next[k] = sums[k + 1]! / counts[k + 1]!;
    return { kind: 'shared', codebook: next, indices, mask };
  },
};

/** Entry k has slot k + 1; all pruned weights have slot 0. With mask 0 or 1, −mask is no bits or all: no branch to mispredict. */
const slotOf = (index: number, mask: number): number => (index + 1) & -mask;

function checkLength(where: string, argument: string, values: Float32Array, expected: number): void {
  if (values.length !== expected) {
    throw new RangeError(`${where}: "${argument}" expected ${expected} numbers, got ${values.length}`);
  }
}
