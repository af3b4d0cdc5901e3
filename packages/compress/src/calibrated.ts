import { type LayerStatistics, type Model, type PerWeight, resolvePerWeight, type Weight } from '@pare/core';
import {
  correctedBias,
  type FeedbackLevels,
  type FeedbackPlan,
  type FeedbackQuantizeOptions,
  feedbackPlan,
  layerCurvature,
  levelsToShared,
  toLevels,
} from '@pare/rate-distortion';
import { densitiesWithin } from './densities-within.ts';
import { numbersOf } from './numbers.ts';
import { hasStatistics, type Plan } from './plan.ts';
import type { CompressSettings } from './settings.ts';

/** A kernel that competes, with its bias if it has one of its own. */
export interface CalibratedKernel {
  readonly weight: Weight;
  readonly values: Float32Array;
  readonly bias?: Weight;
  /** Most different values beside zero; default any number. */
  readonly most?: number;
  /** Most share of levels that differ from zero; default 1. */
  readonly density?: number;
  /** Of all its numbers, at all positions it is applied to. */
  readonly multiplications: number;
}

/** What a price of bits makes of the kernels. */
export interface Priced {
  /** Kernels and biases as they will be written, by name. */
  readonly weights: ReadonlyMap<string, Weight>;
  /** Of the kernels, estimated. */
  readonly bits: number;
  /** How far the answers are expected to move, in nats. */
  readonly divergence: number;
}

/** Picks from the plans the kernels of layers that calibration can tell about, each with its bias. */
export function calibratedKernels(
  model: Model,
  plans: readonly Plan[],
  { levels, density }: Pick<CompressSettings, 'levels' | 'density'> = {},
): readonly CalibratedKernel[] {
  const users = new Map<string, number>();
  const positions = new Map<string, number>();
  for (const layer of model.layers) {
    if (!('kernel' in layer)) continue;
    const area = layer.outputShape.slice(1).reduce((product, extent) => product * extent, 1);
    positions.set(layer.kernel, (positions.get(layer.kernel) ?? 0) + area);
    for (const name of [layer.kernel, layer.bias]) {
      if (name !== undefined) users.set(name, (users.get(name) ?? 0) + 1);
    }
  }
  const weights = new Map(model.weights.map((weight) => [weight.name, weight]));
  return plans.flatMap((plan) => {
    const { layer } = plan.placed;
    if (plan.what !== 'compete' || !hasStatistics(plan.placed) || !layer || !('kernel' in layer)) return [];
    const bias = layer.bias !== undefined && users.get(layer.bias) === 1 ? weights.get(layer.bias) : undefined;
    const { weight, values } = plan;
    const resolve = (setting: PerWeight<number> | undefined): number | undefined =>
      setting === undefined ? undefined : resolvePerWeight(setting, plan.placed);
    const [most, share] = [resolve(levels), resolve(density)];
    return [
      {
        weight,
        values,
        multiplications: values.length * positions.get(weight.name)!,
        ...(most !== undefined && { most }),
        ...(share !== undefined && { density: share }),
        ...(bias && users.get(weight.name) === 1 && { bias }),
      },
    ];
  });
}

/** What prices are to know of a compression. */
export interface PriceListOptions {
  /** Whether a kernel's levels may follow a trellis. */
  trellis(values: Float32Array): boolean;
  /** Most share of the kernels' multiplications that is left, and the price at which densities are compared. */
  readonly sparse?: { readonly share: number; readonly lambda: number };
}

/**
 * Makes ready what turns a price of bits into weights.
 *
 * Each kernel is quantised with error feedback; its bias takes up what that does to the mean of the outputs, and is rounded at the
 * same price: with a step for which ½ Σ_k c_k (Δb_k)² of all outputs, c the worth of an error that is the same at all positions,
 * falls by λ for one bit more.
 */
export function priceList(
  kernels: readonly CalibratedKernel[],
  statistics: ReadonlyMap<string, LayerStatistics>,
  { trellis, sparse }: PriceListOptions,
): (lambda: number) => Priced {
  const planned = kernels.map((kernel) => {
    const known = statistics.get(kernel.weight.name);
    if (!known) throw new Error(`bug: no statistics of "${kernel.weight.name}"`);
    const { form } = kernel.weight;
    const curvature = layerCurvature(known, kernel.weight.shape[0]!, { bias: kernel.bias !== undefined });
    const mask = form.kind === 'masked' || form.kind === 'shared' ? form.mask : undefined;
    const plan: FeedbackPlan = feedbackPlan(kernel.values, curvature, mask ? { mask } : {});
    return { ...kernel, known, plan };
  });
  const densities = sparse && densitiesWithin(planned, sparse.share, sparse.lambda);
  const prepared = planned.map((kernel, i) => ({ ...kernel, density: densities?.[i] ?? kernel.density ?? 1 }));
  return (lambda) => {
    const weights = new Map<string, Weight>();
    let [bits, divergence] = [0, 0];
    for (const { weight, values, bias, known, plan, most, density } of prepared) {
      const made = fewLevels(plan, lambda, most, { trellis: trellis(values), density });
      bits += made.bits;
      divergence += made.divergence;
      weights.set(weight.name, { ...weight, form: levelsToShared(made) });
      if (!bias) continue;
      const after = Float32Array.from(made.levels, (level) => level * made.step);
      const moved = correctedBias(numbersOf(bias.form)!, values, after, known.inputMean);
      weights.set(bias.name, { ...bias, form: levelsToShared(roundedBias(moved, known, lambda)) });
    }
    return { weights, bits, divergence };
  };
}

/** With the step that the price asks for, or the finest that makes few enough levels. */
function fewLevels(
  plan: FeedbackPlan,
  lambda: number,
  most = Infinity,
  options: Pick<FeedbackQuantizeOptions, 'trellis' | 'density'>,
): FeedbackLevels {
  let made = plan.quantize(lambda, options);
  for (let count = countLevels(made); count > most; count = countLevels(made)) {
    // Levels reach as far as the values do: so many more of them, so much wider a step, or a little more.
    const step = made.step * Math.max(1.02, count / most);
    made = plan.quantize(lambda, { ...options, step });
  }
  return made;
}

function countLevels({ levels }: FeedbackLevels): number {
  const different = new Set(levels);
  different.delete(0);
  return different.size;
}

function roundedBias(
  values: Float32Array,
  { outputFisher, outputCoherence = outputFisher }: LayerStatistics,
  lambda: number,
) {
  const worth = outputCoherence.reduce((sum, each) => sum + each, 0) / (outputCoherence.length || 1);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const usual = Math.sqrt((12 * lambda) / (Math.LN2 * (worth || 1)));
  return toLevels(values, { step: Math.min(usual, largest / 2) || 1, slope: 0 });
}
