import { solveSubset } from './cholesky.ts';

/** How the weights that are left are fitted. */
export interface RefitOptions {
  /** λ = ridge · trace(G)/n is added to the diagonal, against inputs that hardly vary; default 0.001. */
  readonly ridge?: number;
  /** Most unknowns that are solved for exactly, which takes their cube; more by conjugate gradients; default 256. */
  readonly exactUpTo?: number;
}

/**
 * Fits the kept weights of a filter so that its output comes nearest to a wanted one: v_S = (G_SS + λI)⁻¹ b_S.
 *
 * G = E[x xᵀ] of the inputs that the filter gets, b = E[x y] with the output y that is wanted.
 *
 * @param moments - G, `[n, n]`
 * @param target - b, `[n]`
 * @param mask - 1 = kept; the others come out as 0
 * @param start - where conjugate gradients start; they end at a residual of 10⁻⁵ of b, or after 100 steps
 * @returns `[n]`
 * @throws RangeError if G_SS + λI is not positive definite: then a ridge is needed
 * @example
 * refit(Float64Array.of(2, 0, 0, 4), Float64Array.of(6, 4), Uint8Array.of(1, 1), new Float32Array(2), { ridge: 0 }) // Float32Array [3, 1]
 * @see Yang, Chen, Sze 2017, section 4.3
 */
export function refit(
  moments: ArrayLike<number>,
  target: ArrayLike<number>,
  mask: Uint8Array,
  start: ArrayLike<number>,
  { ridge = 1e-3, exactUpTo = 256 }: RefitOptions = {},
): Float32Array {
  const n = mask.length;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += moments[i * n + i]!;
  const lambda = (ridge * trace) / n;
  const kept: number[] = [];
  for (let i = 0; i < n; i++) if (mask[i] === 1) kept.push(i);
  const solved =
    kept.length <= exactUpTo
      ? solveSubset(moments, n, kept, target, lambda)
      : byConjugateGradients(moments, target, kept, n, lambda, start);
  const out = new Float32Array(n);
  for (const [at, i] of kept.entries()) out[i] = solved[at]!;
  return out;
}

const RESIDUAL = 1e-5;
const MOST_STEPS = 100;

function byConjugateGradients(
  moments: ArrayLike<number>,
  target: ArrayLike<number>,
  kept: readonly number[],
  n: number,
  lambda: number,
  start: ArrayLike<number>,
): Float64Array {
  const size = kept.length;
  const part = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) part[i * size + j] = moments[kept[i]! * n + kept[j]!]! + (i === j ? lambda : 0);
  }
  const times = (x: Float64Array): Float64Array => {
    const y = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += part[i * size + j]! * x[j]!;
      y[i] = sum;
    }
    return y;
  };
  const wanted = Float64Array.from(kept, (i) => target[i]!);
  const x = Float64Array.from(kept, (i) => start[i]!);
  const image = times(x);
  const residual = wanted.map((value, i) => value - image[i]!);
  let direction = residual.slice();
  let square = dot(residual, residual);
  const enough = RESIDUAL ** 2 * dot(wanted, wanted);
  for (let step = 0; step < MOST_STEPS && square > enough; step++) {
    const moved = times(direction);
    const curvature = dot(direction, moved);
    if (!(curvature > 0)) {
      throw new RangeError(
        `refit: "moments" expected to be positive definite on the weights that are kept, got a curvature of ${curvature}: take a larger "ridge"`,
      );
    }
    const length = square / curvature;
    for (let i = 0; i < size; i++) {
      x[i]! += length * direction[i]!;
      residual[i]! -= length * moved[i]!;
    }
    const next = dot(residual, residual);
    const turn = next / square;
    direction = direction.map((value, i) => residual[i]! + turn * value);
    square = next;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
