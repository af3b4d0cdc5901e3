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
 * All of them take n³/6 multiplications.
 *
 * @param inverse - H of all inputs, `[n, n]`, symmetric; where A has a ridge the others move less than they could
 * @param weights - `[n]`
 * @param byMagnitude - whether weights go by their magnitude, the smallest first, and only the others make up for them; default false
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
  // What is left stands at the front, in any order: `at` says whose place i is. Of H only the lower half is kept, [i, j ≤ i].
  const at = Uint32Array.from({ length: n }, (_, i) => i);
  const left = Float64Array.from(weights);
  const diagonal = Float64Array.from({ length: n }, (_, i) => inverse[i * n + i]!);
  const h = inverse.slice();
  // Invariant: the inverse of what is left is h − Σ u_b u_bᵀ over the columns that wait, u_b = H_·i / √H_ii of a removal. Four are taken off
  // at once: h is read and written a quarter as often. `diagonal` is up to date.
  const waiting = Array.from({ length: AT_ONCE }, () => new Float64Array(n));
  let waits = 0;
  const order: number[] = [];
  const missed = [0];
  // Zeros go first: they cost nothing while all others are left, and must not be leant on.
  for (let count = n; count > 0; count--) {
    const gone = next(count);
    const last = count - 1;
    const column = waiting[waits]!;
    const root = Math.sqrt(diagonal[gone]!);
    for (let j = 0; j <= gone; j++) column[j] = h[gone * n + j]!;
    for (let j = gone + 1; j < count; j++) column[j] = h[j * n + gone]!;
    for (let b = 0; b < waits; b++) {
      const u = waiting[b]!;
      const share = u[gone]!;
      for (let j = 0; j < count; j++) column[j]! -= share * u[j]!;
    }
    const pull = left[gone]! / root;
    for (let j = 0; j < count; j++) {
      const u = column[j]! / root;
      column[j] = u;
      left[j]! -= pull * u;
      diagonal[j]! -= u * u;
    }
    if (weights[at[gone]!] !== 0) {
      order.push(at[gone]!);
      missed.push(missed.at(-1)! + pull * pull);
    }
    waits++;
    // The last one takes the place of the one that has gone.
    if (gone !== last) {
      for (let j = 0; j < gone; j++) h[gone * n + j] = h[last * n + j]!;
      for (let j = gone + 1; j < last; j++) h[j * n + gone] = h[last * n + j]!;
      h[gone * n + gone] = h[last * n + last]!;
      for (let b = 0; b < waits; b++) waiting[b]![gone] = waiting[b]![last]!;
      diagonal[gone] = diagonal[last]!;
      left[gone] = left[last]!;
      at[gone] = at[last]!;
    }
    if (waits === AT_ONCE) {
      takeOff(h, n, last, waiting);
      waits = 0;
    }
  }
  return { order: Uint32Array.from(order), missed: Float64Array.from(missed) };

  function next(count: number): number {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let i = 0; i < count; i++) {
      const first = weights[at[i]!]!;
      const cost = first === 0 ? -1 : byMagnitude ? Math.abs(first) : (left[i]! * left[i]!) / diagonal[i]!;
      if (cost < least || (cost === least && at[i]! < at[best]!)) [best, least] = [i, cost];
    }
    return best;
  }
}

/** Columns that wait to be taken off the matrix together. */
const AT_ONCE = 4;

/** h − Σ u_b u_bᵀ, of the lower half of the first `count` rows. */
function takeOff(h: Float64Array, n: number, count: number, columns: readonly Float64Array[]): void {
  const [a, b, c, d] = columns as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < count; i++) {
    const row = i * n;
    const [ai, bi, ci, di] = [a[i]!, b[i]!, c[i]!, d[i]!];
    for (let j = 0; j <= i; j++) h[row + j]! -= ai * a[j]! + bi * b[j]! + ci * c[j]! + di * d[j]!;
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
