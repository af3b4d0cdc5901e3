/** What a price led to. */
export interface Tried<T> {
  readonly lambda: number;
  /** log of what was reached over what is allowed: ≤ 0 is within. */
  readonly excess: number;
  readonly made: T;
}

export interface LambdaSearch {
  /** Where to begin, > 0. */
  readonly start: number;
  /** d excess / d log λ to begin with: its sign tells whether dearer bits help. */
  readonly slope: number;
  /** An excess between −tolerance and 0 is good enough. */
  readonly tolerance: number;
  readonly most: number;
}

/**
 * Searches the price at which what is allowed is just used up, along secants of log λ.
 *
 * @param tryOut - what a price leads to
 * @returns what came closest from within; undefined if nothing was within
 */
export async function searchLambda<T>(
  tryOut: (lambda: number) => Promise<{ excess: number; made: T }>,
  { start, slope: first, tolerance, most }: LambdaSearch,
): Promise<{ within: Tried<T> | undefined; last: Tried<T> }> {
  let within: Tried<T> | undefined;
  let beyond: Tried<T> | undefined;
  let last: Tried<T> | undefined;
  let lambda = start;
  let slope = first;
  for (let tries = 0; tries < most; tries++) {
    const found: Tried<T> = { lambda, ...(await tryOut(lambda)) };
    if (last && last.lambda !== lambda) {
      const measured = (found.excess - last.excess) / Math.log(lambda / last.lambda);
      if (Math.sign(measured) === Math.sign(first)) slope = clamp(measured, first / 4, first * 4);
    }
    last = found;
    if (found.excess <= 0) {
      if (!within || found.excess >= within.excess) within = found;
      if (found.excess >= -tolerance) break;
    } else if (!beyond || found.excess <= beyond.excess) beyond = found;
    let step = (-tolerance / 2 - found.excess) / slope;
    if (within && beyond) {
      // Between the two, never at either end again.
      const [a, b] = [Math.log(within.lambda), Math.log(beyond.lambda)];
      if (Math.abs(a - b) < 1e-4) break;
      const share = clamp((0.5 * tolerance + within.excess) / (within.excess - beyond.excess), 0.1, 0.9);
      lambda = Math.exp(a + (b - a) * share);
    } else {
      step = clamp(step, -FARTHEST, FARTHEST);
      lambda *= Math.exp(step);
      if (!(lambda > LEAST_LAMBDA && lambda < 1 / LEAST_LAMBDA)) break;
    }
  }
  return { within, last: last! };
}

/** In logarithms: where the slope is a guess, so far and no farther at once. */
const FARTHEST = 3;
const LEAST_LAMBDA = 1e-18;

const clamp = (value: number, a: number, b: number): number =>
  Math.min(Math.max(a, b), Math.max(Math.min(a, b), value));
