import type { Bound, Claim } from './recipe.ts';

/** A claim with what was measured. `measured` is null where nothing could be, `met` also where the data was not the claim's. */
export type Judged = Claim & { readonly measured: number | null; readonly met: boolean | null };

/**
 * Sets what was measured beside what was claimed.
 *
 * @param source - of the data: on generated data no claim about MNIST can be met or missed
 * @param measure - gives the value for a claim, or null where there is none
 */
export const judgeClaims = (
  claims: readonly Claim[],
  source: 'real' | 'generated',
  measure: (claim: Claim) => number | null,
): Judged[] =>
  claims.map((claim) => {
    const measured = measure(claim);
    return {
      ...claim,
      measured,
      met: measured === null || source === 'generated' ? null : isMet(claim.bound, measured),
    };
  });

// Errors are multiples of 1/10,000; a hair of tolerance keeps 164/10,000 from failing "at most 0.0164".
const HAIR = 1e-9;

/** Whether a measured number keeps a bound. */
export const isMet = (bound: Bound, measured: number): boolean =>
  'atLeast' in bound ? measured >= bound.atLeast - HAIR : measured <= bound.atMost + HAIR;
