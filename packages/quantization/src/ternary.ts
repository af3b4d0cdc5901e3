import type { Shared } from '@pare/core';
import { keep } from './_kept.ts';
import { binaryShare } from './binary.ts';

/**
 * Makes of each value −s, 0 or s: those with |w| ≤ Δ = threshold·mean|w| are pruned, the rest binary.
 *
 * Retrained as shared weights, the two scales move apart: trained ternary quantization.
 *
 * @param values - finite numbers
 * @param mask - 1 = kept; absent if all are
 * @param threshold - ≥ 0, in mean magnitudes; 0.7 is near the best for bell-shaped values
 * @throws RangeError if a kept value is not finite or `threshold` not a number ≥ 0
 * @example
 * ternaryShare(Float32Array.of(4, -2, 0.5, 0)) // { kind: 'shared', codebook: Float32Array [-3, 3], indices: Uint16Array [1, 0, 0, 0], mask: Uint8Array [1, 1, 0, 0] }
 * @see Li, Zhang, Liu, Ternary weight networks, arXiv:1605.04711, section 2.2, eq. 6
 * @see Zhu, Han, Mao, Dally, Trained ternary quantization, ICLR 2017, section 3
 */
export function ternaryShare(values: Float32Array, mask?: Uint8Array, threshold = 0.7): Shared {
  if (!(threshold >= 0)) throw new RangeError(`ternaryShare: "threshold" expected a number ≥ 0, got ${threshold}`);
  const kept = keep('ternaryShare', values, mask);
  const mean = kept.values.reduce((sum, value) => sum + Math.abs(value), 0) / kept.values.length;
  return binaryShare(
    values,
    kept.mask.map((keeps, i) => (keeps && Math.abs(values[i]!) > threshold * mean ? 1 : 0)),
  );
}
