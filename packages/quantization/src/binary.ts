import type { Shared } from '@pare/core';
import { keep } from './_kept.ts';
import { compactCodebook } from './compact.ts';

/**
 * Keeps of each value only the sign, times one scale: w_i → ±s, s = mean|w|, which makes Σ (w_i − ŵ_i)² least. 0 counts as positive.
 *
 * @param values - finite numbers
 * @param mask - 1 = kept; absent if all are
 * @throws RangeError if a kept value is not finite
 * @example
 * binaryShare(Float32Array.of(1, -3, 2)).codebook // Float32Array [-2, 2]
 * @see Rastegari et al., XNOR-Net, ECCV 2016, section 3.1, eq. 6
 */
export function binaryShare(values: Float32Array, mask?: Uint8Array): Shared {
  const kept = keep('binaryShare', values, mask);
  const scale = kept.values.reduce((sum, value) => sum + Math.abs(value), 0) / kept.values.length;
  return compactCodebook({
    kind: 'shared',
    codebook: Float32Array.of(0 - scale, scale),
    indices: Uint16Array.from(values, (value, i) => (kept.mask[i] && value >= 0 ? 1 : 0)),
    mask: kept.mask,
  });
}
