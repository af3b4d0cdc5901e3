import { type Calibration, type Model, type Stage, type TrainBudget, weightOf } from '@pare/core';
import { checkSettings } from './_settings.ts';
import {
  densitiesOf,
  densityOf,
  type KernelLayer,
  kernelLayers,
  kernelValues,
  unchangedAsBefore,
  withKernel,
} from './kernels.ts';
import { neededTrainer } from './needed-trainer.ts';
import { type Objective, pricing } from './objective.ts';
import { type LayerMoments, type PruneRowsOptions, pruneRows } from './prune-rows.ts';

export interface EnergyAwareOptions extends Objective {
  /** Tells how the layers' inputs vary. */
  readonly calibration: Pick<Calibration, 'statistics'>;
  /** Training with fixed masks, at the end of each round. */
  readonly fineTune: TrainBudget;
  /** By how much the held-back error may have risen in the end, 0.01 = one point. */
  readonly maxRise: number;
  /** By how much it may rise within a round, before training; layer i of L gets (i + 1)/L of it; default 0.03. */
  readonly roundRise?: number;
  /** Most rounds; default 6. */
  readonly rounds?: number;
  /** Share of the start's cost that is enough, 0 … 1; default 0: as little as the error allows. */
  readonly target?: number;
  /** Tries for the share that a layer keeps, in each round; default 5. */
  readonly tries?: number;
  /** Least share that a layer keeps; default 0.002. */
  readonly least?: number;
  /** How a layer is pruned; `{ selection: 'magnitude', refit: false }` is plain magnitude pruning under the same search. */
  readonly local?: PruneRowsOptions;
  /** Called after each round. */
  readonly onRound?: (round: RoundReport) => void;
}

/** What a round came to. */
export interface RoundReport {
  /** From 1; 0 is the start. */
  readonly round: number;
  readonly model: Model;
  /** Share of held-back examples answered wrongly: after training. */
  readonly error: number;
  /** Of the start's cost. */
  readonly share: number;
  /** Whether the error is within `maxRise`. */
  readonly accepted: boolean;
  /** Share of each layer's weights that is left. */
  readonly densities: Readonly<Record<string, number>>;
}

/**
 * Prunes a network by what it costs on hardware. In each round the layers are pruned one by one, the dearest first, each as far as the
 * held-back error allows: weights by magnitude, some that the output misses restored, the rest fitted to the outputs of the network
 * that the round began with, on the inputs that the pruned layers before now give. Then all that is left is trained. The last
 * network whose error is within `maxRise` of the start's is the result; a round that ends above it is taken back and tried with half the
 * rise.
 *
 * Needs the context's trainer. Takes dense and masked kernels, gives masked ones.
 *
 * @throws RangeError naming an option that is out of range; from `run`, MissingPartError if the context has no trainer
 * @example
 * // energyAwarePrune({ hardware: eyeriss(), calibration, fineTune: { epochs: 3 }, maxRise: 0.01 })
 * @see Yang, Chen, Sze 2017, arXiv:1611.05128, section 4
 */
export function energyAwarePrune(options: EnergyAwareOptions): Stage {
  const { hardware, fineTune, maxRise, roundRise = 0.03, rounds = 6, target = 0, tries = 5, least = 0.002 } = options;
  const { what = 'energyPj', workload, local = {}, calibration, onRound } = options;
  checkSettings('energyAwarePrune', 'share', { maxRise, roundRise, target, least });
  checkSettings('energyAwarePrune', 'count', { rounds, tries });
  return {
    name: 'energyAwarePrune',
    options: {
      hardware: hardware.name,
      ...{ what, fineTune, maxRise, roundRise, rounds, target, tries, least, local },
      ...(workload && { workload }),
    },
    async run(model, context) {
      const { signal } = context;
      const trainer = neededTrainer(context, 'energyAwarePrune');
      const layers = kernelLayers(model, 'energyAwarePrune');
      if (layers.length === 0) return model;
      const errorOf = async (candidate: Model): Promise<number> => {
        signal?.throwIfAborted();
        return (await trainer.evaluate(candidate)).error;
      };
      const startError = await errorOf(model);
      const startCost = (await pricing(options, model))(model).total;
      if (startCost === 0) return model; // no weight is left
      let best = model;
      let allowedRise = roundRise;
      for (let round = 1; round <= rounds; round++) {
        const reference = best;
        let current = best;
        const price = await pricing(options, reference);
        const before = price(reference);
        const order = [...layers].sort((a, b) => before.byLayer.get(b.name)! - before.byLayer.get(a.name)!);
        const base = Math.max(await errorOf(reference), startError);
        for (const [i, layer] of order.entries()) {
          const allowed = base + (allowedRise * (i + 1)) / order.length;
          const moments = await momentsOf(calibration, current, reference, layer, signal);
          const isAllowed = async (candidate: Model) => (await errorOf(candidate)) <= allowed;
          current = await pruneLayer(current, layer, moments, { tries, least, local }, isAllowed);
          context.report({
            stage: 'energyAwarePrune',
            fraction: (round - 1 + (i + 1) / (order.length + 1)) / rounds,
          });
        }
        current = await trainer.retrain(current, fineTune, { ...context, random: context.random.fork(round) });
        const error = await errorOf(current);
        const share = (await pricing(options, current))(current).total / startCost;
        const accepted = error <= startError + maxRise;
        onRound?.({ round, model: current, error, share, accepted, densities: densitiesOf(current, layers) });
        if (accepted) {
          const gained = 1 - price(current).total / before.total;
          best = current;
          if (share <= target || gained < LITTLE) break;
        } else {
          // What training could not restore is tried again with half as much.
          allowedRise /= 2;
          if (allowedRise < roundRise / 8) break;
        }
      }
      return unchangedAsBefore(model, best);
    },
  };
}

/** A round that takes off less of the cost than this is the last. */
const LITTLE = 0.01;

async function momentsOf(
  calibration: Pick<Calibration, 'statistics'>,
  model: Model,
  reference: Model,
  { kernel }: KernelLayer,
  signal: AbortSignal | undefined,
): Promise<LayerMoments> {
  const found = await calibration.statistics(model, {
    kernels: [kernel],
    fisher: false,
    ...(reference !== model && { reference }),
    ...(signal && { signal }),
  });
  const statistics = found.get(kernel);
  if (!statistics) throw new RangeError(`energyAwarePrune: the calibration tells nothing of "${kernel}"`);
  const { inputSecondMoment, crossMoment } = statistics;
  return { inputs: inputSecondMoment, ...(crossMoment && { cross: crossMoment }) };
}

/** Finds the least share that is allowed, on a logarithmic scale between what there is and `least`, and prunes to it. */
async function pruneLayer(
  model: Model,
  { kernel }: KernelLayer,
  moments: LayerMoments,
  { tries, least, local }: { readonly tries: number; readonly least: number; readonly local: PruneRowsOptions },
  isAllowed: (candidate: Model) => Promise<boolean>,
): Promise<Model> {
  const { shape } = weightOf(model, kernel);
  const values = kernelValues(model, kernel);
  const now = densityOf(values);
  let [low, high] = [Math.log(Math.max(least, 1 / values.length)), Math.log(now)];
  let found = model;
  for (let attempt = 0; attempt < tries && high > low; attempt++) {
    const middle = (low + high) / 2;
    const pruned = pruneRows(values, shape[0]!, moments, Math.exp(middle), local);
    const candidate = withKernel(model, kernel, { kind: 'masked', ...pruned });
    if (await isAllowed(candidate)) [found, high] = [candidate, middle];
    else low = middle;
  }
  return found;
}
