import { checkFinite } from './_arguments.ts';

/**
 * Measures what removing each weight would cost, as a magnitude that can be compared across layers.
 *
 * s_i = |w_i| · √h_i, so that ½·s_i² is the rise of the loss, to second order, if w_i alone becomes zero and the
 * curvature is h on the diagonal.
 *
 * @param curvature - h_i ≥ 0, for example the Fisher information; same length as `values`
 * @throws RangeError if lengths differ, a number is not finite, or a curvature is negative
 * @example
 * damageSaliency(Float32Array.of(2, -1, 3), Float32Array.of(1, 9, 0)) // Float32Array [2, 3, 0]
 * @see LeCun, Denker, Solla 1990: Optimal brain damage, equation 5
 */
export function damageSaliency(
  values: Float32Array,
  curvature: Float32Array,
  out: Float32Array = new Float32Array(values.length),
): Float32Array {
  if (curvature.length !== values.length) {
    throw new RangeError(`damageSaliency: "curvature" expected ${values.length} numbers, got ${curvature.length}`);
  }
  checkFinite('damageSaliency', values);
  for (let i = 0; i < values.length; i++) {
    const h = curvature[i]!;
    if (!(h >= 0 && h < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`damageSaliency: "curvature" expected numbers ≥ 0, got ${h} at index ${i}`);
    }
    out[i] = Math.abs(values[i]!) * Math.sqrt(h);
  }
  return out;
}
