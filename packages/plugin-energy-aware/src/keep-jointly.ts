/** How jointly useful weights are found. */
export interface KeepJointlyOptions {
  /** Share of the kept weights that magnitude alone chooses, 0 … 1; default 0.75. */
  readonly byMagnitude?: number;
}

/**
 * Chooses which weights of one filter to keep: most by magnitude, the rest one by one, each time the one whose return lowers the
 * error of the output most.
 *
 * With G = E[x xᵀ] of the filter's inputs and d the weights that are missing, the output misses dᵀx, and its mean square dᵀG d falls by
 *
 *     gain_j = 2 w_j (G d)_j − w_j² G_jj        if w_j comes back
 *
 * A large weight stays away where others make up for it: its gain is small or negative. Weights that are zero never come back.
 *
 * @param moments - G, `[n, n]`, symmetric
 * @param weights - `[n]`
 * @param keep - how many, 0 … n; fewer where fewer are not zero
 * @param out - receives the mask
 * @returns 1 = kept; ties go to the lower index
 * @throws RangeError if `keep` is no such count, or `moments` do not fit the weights
 * @example
 * // The first two inputs are opposite: what the larger weights add there, they take away.
 * const opposite = Float64Array.of(1, -1, 0, -1, 1, 0, 0, 0, 1);
 * keepJointly(opposite, Float32Array.of(2, 1.9, 1), 1, { byMagnitude: 0 }) // Uint8Array [0, 0, 1]
 * @see Yang, Chen, Sze 2017, section 4.2; gain by the mean square, where the paper takes the L1 norm
 */
export function keepJointly(
  moments: ArrayLike<number>,
  weights: ArrayLike<number>,
  keep: number,
  { byMagnitude = 0.75 }: KeepJointlyOptions = {},
  out: Uint8Array = new Uint8Array(weights.length),
): Uint8Array {
  const n = weights.length;
  if (!Number.isInteger(keep) || keep < 0 || keep > n) {
    throw new RangeError(`keepJointly: "keep" expected a whole number 0 … ${n}, got ${keep}`);
  }
  if (moments.length !== n * n) {
    throw new RangeError(`keepJointly: "moments" expected ${n} · ${n} numbers, got ${moments.length}`);
  }
  const order = Array.from({ length: n }, (_, i) => i)
    .filter((i) => weights[i] !== 0)
    .sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!) || a - b);
  const wanted = Math.min(keep, order.length);
  const first = Math.min(wanted, Math.ceil(byMagnitude * wanted));
  out.fill(0);
  for (const i of order.slice(0, first)) out[i] = 1;
  if (first === wanted) return out;
  // Invariant: missing = G d, d being the weights with out = 0.
  const away = order.slice(first);
  const missing = new Float64Array(n);
  for (const i of away) addColumn(missing, moments, n, i, weights[i]!);
  for (let kept = first; kept < wanted; kept++) {
    let [best, most] = [-1, Number.NEGATIVE_INFINITY];
    for (let j = 0; j < n; j++) {
      const weight = weights[j]!;
      if (out[j] === 1 || weight === 0) continue;
      const gain = 2 * weight * missing[j]! - weight * weight * moments[j * n + j]!;
      if (gain > most) [best, most] = [j, gain];
    }
    out[best] = 1;
    addColumn(missing, moments, n, best, -weights[best]!);
  }
  return out;
}

function addColumn(into: Float64Array, moments: ArrayLike<number>, n: number, column: number, by: number): void {
  const base = column * n; // symmetric: a row is a column
  for (let i = 0; i < n; i++) into[i]! += by * moments[base + i]!;
}
