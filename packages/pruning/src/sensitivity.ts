import { type Model, mapWeights, type Selector, selectWeights } from '@pare/core';
import { namingWeight, numbersOf, withMask } from './_weights.ts';
import { magnitudeMask } from './magnitude.ts';

export interface SensitivityPoint {
  /** Kept share of the one weight that was pruned. */
  readonly density: number;
  /** Share of examples answered wrongly, 0 … 1, without retraining. */
  readonly error: number;
}

export interface SensitivityCurve {
  /** Name of the weight. */
  readonly weight: string;
  /** Name of its layer, if one names it. */
  readonly layer?: string;
  /** From the densest to the sparsest. */
  readonly points: readonly SensitivityPoint[];
}

export interface SensitivityScan {
  /** Error of the model as it was given. */
  readonly baseline: number;
  readonly curves: readonly SensitivityCurve[];
}

export interface SensitivityOptions {
  /** Kept shares to try, each 0 < density ≤ 1. */
  readonly densities: readonly number[];
  /** Judges a model on held-back examples, for example a trainer's `evaluate`. */
  readonly evaluate: (model: Model) => Promise<{ readonly error: number }>;
  /** Which weights to scan; default core's `kernels`. */
  readonly select?: Selector;
  /** Stops the scan between two evaluations. */
  readonly signal?: AbortSignal;
  /** Called after each evaluation of a pruned model; `fraction` is the done share, 0 … 1. */
  readonly onPoint?: (weight: string, point: SensitivityPoint, fraction: number) => void;
}

/**
 * Prunes one weight at a time to each of some densities, and sees what that costs, without retraining.
 *
 * @returns one curve for each selected weight, in the model's order
 * @throws RangeError if a density is outside its range, `select` takes nothing or a weight is not finite; TypeError if a weight is shared;
 *   the signal's reason once it is aborted
 * @see Han, Pool, Tran, Dally 2015, section 5 and figure 6
 */
export async function sensitivityScan(model: Model, options: SensitivityOptions): Promise<SensitivityScan> {
  const { densities, evaluate, select, signal, onPoint } = options;
  const falling = checkedDensities(densities);
  const chosen = selectWeights('sensitivityScan', 'select', model, select);
  signal?.throwIfAborted();
  const { error: baseline } = await evaluate(model);
  const curves: SensitivityCurve[] = [];
  let done = 0;
  for (const { weight, layer } of chosen) {
    const points: SensitivityPoint[] = [];
    for (const density of falling) {
      signal?.throwIfAborted();
      const { error } = await evaluate(prunedAt(model, weight.name, density));
      const point = { density, error };
      points.push(point);
      onPoint?.(weight.name, point, ++done / (chosen.length * falling.length));
    }
    curves.push({ weight: weight.name, ...(layer && { layer: layer.name }), points });
  }
  return { baseline, curves };
}

/**
 * Chooses for each weight the least density whose error, and that of all greater ones tried, rises by no more than is
 * tolerated; 1 where none is. The curves were made one weight at a time: pruned together, the network loses more.
 *
 * @param scan - of `sensitivityScan`
 * @param toleratedRise - of the error above the baseline, ≥ 0: 0.01 is one percentage point
 * @returns densities by name of weight: what `magnitudePrune({ keep: { byName } })` takes
 * @throws RangeError if `toleratedRise` is negative
 * @example
 * chooseDensities({ baseline: 0.1, curves: [{ weight: 'ip1/kernel', points: [{ density: 0.5, error: 0.1 }, { density: 0.1, error: 0.4 }] }] }, 0.02) // { 'ip1/kernel': 0.5 }
 */
export function chooseDensities(scan: SensitivityScan, toleratedRise: number): Readonly<Record<string, number>> {
  if (!(toleratedRise >= 0)) {
    throw new RangeError(`chooseDensities: "toleratedRise" expected ≥ 0, got ${toleratedRise}`);
  }
  const limit = scan.baseline + toleratedRise;
  return Object.fromEntries(
    scan.curves.map(({ weight, points }) => {
      const falling = points.toSorted((a, b) => b.density - a.density);
      const firstTooBad = falling.findIndex(({ error }) => !(error <= limit));
      const tolerable = firstTooBad < 0 ? falling : falling.slice(0, firstTooBad);
      return [weight, tolerable.at(-1)?.density ?? 1];
    }),
  );
}

const prunedAt = (model: Model, name: string, keep: number): Model =>
  mapWeights(model, ({ weight }) => {
    if (weight.name !== name) return weight;
    const { values, among } = numbersOf('sensitivityScan', weight);
    return withMask(
      weight,
      values,
      namingWeight(name, () => magnitudeMask(values, { keep }, among)),
    );
  });

function checkedDensities(densities: readonly number[]): readonly number[] {
  for (const density of densities) {
    if (!(density > 0 && density <= 1)) {
      throw new RangeError(`sensitivityScan: "densities" expected 0 < density ≤ 1, got ${density}`);
    }
  }
  return [...new Set(densities)].sort((a, b) => b - a);
}
