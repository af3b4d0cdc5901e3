import { type Model, type Stage, type TrainBudget, weightOf } from '@pare/core';
import { checkSettings } from './_settings.ts';
import { kernelLayers, kernelValues, unchangedAsBefore, withKernel } from './kernels.ts';
import { neededTrainer } from './needed-trainer.ts';
import { type Objective, pricing } from './objective.ts';

export interface NetAdaptOptions extends Objective {
  /** Share of the start's cost to come down to, 0 … 1. */
  readonly target: number;
  /** Share of the current cost that the first step takes off; default 0.1. */
  readonly step?: number;
  /** By what the share is multiplied from step to step; default 0.96. */
  readonly decay?: number;
  /** Training of each candidate. */
  readonly shortTune: TrainBudget;
  /** Training in the end. */
  readonly longTune: TrainBudget;
  /** Most steps; default 50. */
  readonly steps?: number;
}

/**
 * Comes down to a budget step by step: each step must take a set share off the cost; every layer proposes to get there by itself, by
 * losing its filters of least norm; the proposals are trained for a little, and the most accurate one is taken.
 *
 * Filters are masked, not cut out: shapes stay.
 *
 * @throws RangeError naming an option that is out of range; from `run`, MissingPartError if the context has no trainer
 * @example
 * // netAdapt({ hardware: eyeriss(), target: 0.5, shortTune: { epochs: 1 }, longTune: { epochs: 5 } })
 * @see Yang et al. 2018, "NetAdapt", arXiv:1804.03230, algorithm 1
 */
export function netAdapt(options: NetAdaptOptions): Stage {
  const {
    hardware,
    what = 'energyPj',
    workload,
    target,
    step = 0.1,
    decay = 0.96,
    shortTune,
    longTune,
    steps = 50,
  } = options;
  checkSettings('netAdapt', 'share', { target, step, decay });
  checkSettings('netAdapt', 'count', { steps });
  return {
    name: 'netAdapt',
    options: {
      hardware: hardware.name,
      ...{ what, target, step, decay, shortTune, longTune, steps },
      ...(workload && { workload }),
    },
    async run(model, context) {
      const { signal } = context;
      const trainer = neededTrainer(context, 'netAdapt');
      const layers = kernelLayers(model, 'netAdapt');
      if (layers.length === 0) return model;
      const price = await pricing(options, model);
      const start = price(model).total;
      const progress = (cost: number) => Math.max(0, Math.min(1, (1 - cost / start) / (1 - target)));
      let current = model;
      let share = step;
      for (let round = 0; round < steps && price(current).total > target * start; round++, share *= decay) {
        const budget = Math.max(target * start, (1 - share) * price(current).total);
        let [best, least]: [Model | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
        for (const { kernel, name } of layers) {
          signal?.throwIfAborted();
          const proposal = withinBudget(current, kernel, (candidate) => price(candidate).total <= budget);
          if (!proposal) continue;
          const random = context.random.fork(`${round} ${name}`);
          const tuned = await trainer.retrain(proposal, shortTune, { ...context, random });
          const { error, loss } = await trainer.evaluate(tuned);
          const worth = error + 1e-6 * Math.min(1, loss); // equal errors: the loss decides
          if (worth < least) [best, least] = [tuned, worth];
        }
        if (!best) break; // no single layer can take off so much
        current = best;
        context.report({ stage: 'netAdapt', fraction: progress(price(current).total) });
      }
      return current === model ? model : unchangedAsBefore(model, await trainer.retrain(current, longTune, context));
    },
  };
}

/** Masks as few filters of one layer as bring the network within a budget; undefined if all but one are not enough. */
function withinBudget(model: Model, kernel: string, isWithin: (candidate: Model) => boolean): Model | undefined {
  const { shape } = weightOf(model, kernel);
  const values = kernelValues(model, kernel);
  const rows = shape[0]!;
  const length = values.length / rows;
  const norm = (row: number) => values.subarray(row * length, (row + 1) * length).reduce((sum, x) => sum + x * x, 0);
  const norms = Array.from({ length: rows }, (_, row) => norm(row));
  const order = norms.map((_, row) => row).sort((a, b) => norms[a]! - norms[b]! || a - b);
  const alive = order.filter((row) => norms[row]! > 0);
  const without = (count: number): Model => {
    const gone = new Set(alive.slice(0, count));
    const mask = Uint8Array.from(values, (value, i) => (value !== 0 && !gone.has(Math.floor(i / length)) ? 1 : 0));
    return withKernel(model, kernel, {
      kind: 'masked',
      mask,
      values: values.map((value, i) => (mask[i] === 1 ? value : 0)),
    });
  };
  let [few, many] = [0, alive.length - 1]; // the least count that is within, between them
  if (many < 1 || !isWithin(without(many))) return undefined;
  while (many - few > 1) {
    const middle = (few + many) >> 1;
    if (isWithin(without(middle))) many = middle;
    else few = middle;
  }
  return without(many);
}
