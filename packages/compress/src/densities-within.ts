import type { FeedbackPlan } from '@pare/rate-distortion';

/** A kernel that may be pruned. */
export interface Prunable {
  readonly plan: FeedbackPlan;
  /** Of the whole kernel, at all positions it is applied to. */
  readonly multiplications: number;
}

/**
 * Chooses a density for each kernel so that of all multiplications so many are left, and answers move least.
 *
 * Each kernel is pruned to each density of a grid, which tells its divergence D(d). With one price μ of a multiplication each takes
 * the density of least D(d) + μ · d · multiplications; μ is the least that leaves few enough.
 *
 * @param share - of the multiplications, LEAST_DENSITY … 1
 * @param lambda - nats that a bit is worth meanwhile
 * @returns densities of the grid, in the order of the kernels
 */
export function densitiesWithin(kernels: readonly Prunable[], share: number, lambda: number): readonly number[] {
  const total = kernels.reduce((sum, { multiplications }) => sum + multiplications, 0) || 1;
  const tables = kernels.map(({ plan, multiplications }) =>
    GRID.map((density) => ({
      density,
      cost: (density * multiplications) / total,
      divergence: plan.quantize(lambda, { density }).divergence,
    })),
  );
  const at = (price: number): readonly Choice[] =>
    tables.map((choices) =>
      choices.reduce((best, each) =>
        each.divergence + price * each.cost < best.divergence + price * best.cost ? each : best,
      ),
    );
  // Prices in nats for all multiplications, logarithms halved: 60 times leave no two densities of the grid between them.
  let [low, high] = [1e-12, 1e12];
  for (let i = 0; i < 60; i++) {
    const middle = Math.sqrt(low * high);
    if (at(middle).reduce((sum, { cost }) => sum + cost, 0) <= share) high = middle;
    else low = middle;
  }
  return at(high).map(({ density }) => density);
}

interface Choice {
  readonly density: number;
  readonly cost: number;
  readonly divergence: number;
}

/** What a kernel keeps at the least. */
export const LEAST_DENSITY = 0.05;

/** Falling by about a fifth each. */
const GRID = [1, 0.8, 0.65, 0.53, 0.43, 0.35, 0.28, 0.22, 0.17, 0.13, 0.1, 0.07, LEAST_DENSITY] as const;
