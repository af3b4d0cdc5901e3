/** In which order the weights of a filter go, and what the output misses then. */
export interface RemovalPath {
  /** Indices of the weights that are not zero, the first to go first. */
  readonly order: Uint32Array;
  /** Mean square of what the output misses when so many have gone: one number more than there are in `order`, the first 0. */
  readonly missed: Float64Array;
}

/**
 * Removes the weights of a filter one by one, each time the one that the output misses least once all others have taken up what they can
 * of it (optimal brain surgeon). With A = E[x xᵀ] and H = A⁻¹ of the inputs of those that are left,
 *
 *     the removal of w_i costs w_i² / H_ii,     moves w by − w_i H_·i / H_ii,     and leaves H − H_·i H_i· / H_ii
 *
 * @param inverse - H of all inputs, `[n, n]`, symmetric; where A has a ridge the others move less than they could
 * @param weights - `[n]`
 * @param byMagnitude - whether weights go by their magnitude, the smallest first, and only the others make up for them; default false
 * @returns takes n³/6 multiplications
 * @throws RangeError if `inverse` does not fit the weights
 * @example
 * // Two inputs that are nearly alike, and one of its own: one of the two goes first, though it is larger, as the other takes its place.
 * const inverse = invert(Float64Array.of(1, 0.9, 0, 0.9, 1, 0, 0, 0, 1), 3);
 * [...removalPath(inverse, Float32Array.of(2, 1.9, 1)).order] // [1, 2, 0]
 * @see Hassibi, Stork 1993, Second order derivatives for network pruning; Frantar, Alistarh 2022, Optimal Brain Compression
 */
export function removalPath(inverse: Float64Array, weights: ArrayLike<number>, byMagnitude = false): RemovalPath {
  const n = weights.length;
  if (inverse.length !== n * n) {
    throw new RangeError(`removalPath: "inverse" expected ${n} · ${n} numbers, got ${inverse.length}`);
  }
  // What is left stands at the front, in any order: `at` says whose place i is. Of H only the lower half is kept up, [i, j ≤ i].
  const at = Uint32Array.from({ length: n }, (_, i) => i);
  const left = Float64Array.from(weights);
  const h = inverse.slice();
  const column = new Float64Array(n);
  const order: number[] = [];
  const missed = [0];
  // Zeros go first: they cost nothing while all others are left, and must not be leant on.
  for (let count = n; count > 0; count--) {
    const gone = count > 0 ? next(count) : 0;
    const last = count - 1;
    for (let j = 0; j < gone; j++) column[j] = h[gone * n + j]!;
    for (let i = gone; i < count; i++) column[i] = h[i * n + gone]!;
    const pivot = column[gone]!;
    const shift = left[gone]! / pivot;
    if (weights[at[gone]!] !== 0) {
      order.push(at[gone]!);
      missed.push(missed.at(-1)! + shift * left[gone]!);
    }
    // The last one takes the place of the one that has gone, in H too.
    if (gone !== last) {
      for (let j = 0; j < gone; j++) h[gone * n + j] = h[last * n + j]!;
      for (let j = gone + 1; j < last; j++) h[j * n + gone] = h[last * n + j]!;
      h[gone * n + gone] = h[last * n + last]!;
      column[gone] = column[last]!;
      left[gone] = left[last]!;
      at[gone] = at[last]!;
    }
    for (let i = 0; i < last; i++) {
      const share = column[i]! / pivot;
      left[i]! -= shift * column[i]!;
      const row = i * n;
      for (let j = 0; j <= i; j++) h[row + j]! -= share * column[j]!;
    }
  }
  return { order: Uint32Array.from(order), missed: Float64Array.from(missed) };

  function next(count: number): number {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let i = 0; i < count; i++) {
      const first = weights[at[i]!]!;
      const cost = first === 0 ? -1 : byMagnitude ? Math.abs(first) : (left[i]! * left[i]!) / h[i * n + i]!;
      if (cost < least || (cost === least && at[i]! < at[best]!)) [best, least] = [i, cost];
    }
    return best;
  }
}

/**
 * The same for weights that go by their magnitude while nothing makes up for them: the smallest first.
 *
 * @param moments - E[x xᵀ], `[n, n]`, symmetric
 * @example
 * magnitudePath(Float32Array.of(1, 0, 0, 1), Float32Array.of(2, 1)).missed // Float64Array [0, 1, 5]
 */
export function magnitudePath(moments: ArrayLike<number>, weights: ArrayLike<number>): RemovalPath {
  const n = weights.length;
  const order = Uint32Array.from(
    Array.from({ length: n }, (_, i) => i)
      .filter((i) => weights[i] !== 0)
      .sort((a, b) => Math.abs(weights[a]!) - Math.abs(weights[b]!) || b - a),
  );
  const missed = new Float64Array(order.length + 1);
  const towards = new Float64Array(n); // G d, d being the weights that have gone
  for (const [step, i] of order.entries()) {
    const weight = weights[i]!;
    missed[step + 1] = missed[step]! + weight * (2 * towards[i]! + weight * moments[i * n + i]!);
    for (let j = 0; j < n; j++) towards[j]! += weight * moments[i * n + j]!;
  }
  return { order, missed };
}
