import {
  checkNames,
  type Model,
  mapWeights,
  type PerWeight,
  resolvePerWeight,
  retrain,
  type Selector,
  type Stage,
  selectWeights,
  type TrainBudget,
} from '@pare/core';
import { COUNT_OF_ONE, checkSetting, recorded, SHARE } from './_settings.ts';
import { namingWeight, numbersOf } from './_weights.ts';
import { magnitudeMask } from './magnitude.ts';
import { applyMask } from './masked.ts';
import { surgeryMask } from './surgery.ts';

export interface DynamicSurgeryOptions {
  /**
   * Kept share of each weight, 0 < keep ≤ 1. Weights about which it says nothing are left to the trainer as they are.
   */
  readonly keep: PerWeight<number>;
  /** How often the network is trained and its masks chosen anew; whole number ≥ 1. */
  readonly rounds: number;
  /** Training in each round. */
  readonly budget: TrainBudget;
  /** Distance of the two thresholds from their middle, 0 ≤ margin < 1; default 0.1. */
  readonly margin?: number;
  /** Which weights are pruned; default core's `kernels`. */
  readonly select?: Selector;
}

/**
 * Makes the stage of dynamic network surgery: pruned connections may come back when they grow.
 *
 * First each weight is pruned to `keep` by magnitude. Then, in each round, it is handed to the trainer *dense*, pruned
 * connections starting from zero and free to grow; afterwards it is masked anew by `surgeryMask`, which favours the
 * connections that were kept. In the end it is masked, at exactly `keep`. Choosing the last masks costs accuracy: let
 * `retrain` follow.
 *
 * This is not quite the paper's procedure, in which the forward pass goes through the masked weights while gradients
 * reach all of them, and masks are chosen anew at random steps, ever more rarely. Here the network is dense while it
 * trains, and a pruned connection has one round in which to prove itself.
 *
 * The stage throws a MissingPartError without a trainer, a TypeError for shared weights, a RangeError for numbers that
 * are not finite.
 *
 * @throws RangeError or TypeError, at once, if an option is outside its range
 * @example
 * dynamicSurgery({ keep: 0.1, rounds: 5, budget: { epochs: 1 } }).name // 'dynamicSurgery'
 * @see Guo, Yao, Chen 2016: Dynamic network surgery for efficient DNNs
 */
export function dynamicSurgery(options: DynamicSurgeryOptions): Stage {
  const { keep, rounds, budget, margin = 0.1, select } = options;
  checkSetting(NAME, 'keep', keep, SHARE);
  checkSetting(NAME, 'rounds', rounds, COUNT_OF_ONE);
  checkSetting(NAME, 'margin', margin, { holds: (value) => value >= 0 && value < 1, expected: '0 ≤ margin < 1' });
  const training = retrain(budget);
  return {
    name: NAME,
    options: recorded(options),
    async run(model, context) {
      checkNames(NAME, 'keep', keep, model);
      const shares = new Map<string, number>();
      for (const placed of selectWeights(NAME, 'select', model, select)) {
        const share = resolvePerWeight(keep, placed);
        if (share !== undefined) shares.set(placed.weight.name, share);
      }
      if (shares.size === 0) return model;
      let masked = remasked(model, shares, (values, share, among) => magnitudeMask(values, { keep: share }, among));
      for (let round = 0; round < rounds; round++) {
        context.signal?.throwIfAborted();
        const random = context.random.fork(round);
        const trained = await training.run(dense(masked, shares), { ...context, random });
        const masks = masksOf(masked);
        masked = remasked(trained, shares, (values, share, _, name) =>
          surgeryMask(values, masks.get(name)!, { keep: share, margin }),
        );
        context.report({ stage: NAME, fraction: (round + 1) / rounds });
      }
      return masked;
    },
  };
}

const NAME = 'dynamicSurgery';
type Shares = ReadonlyMap<string, number>;

const remasked = (
  model: Model,
  shares: Shares,
  choose: (values: Float32Array, share: number, among: Uint8Array | undefined, name: string) => Uint8Array,
): Model =>
  mapWeights(model, ({ weight }) => {
    const share = shares.get(weight.name);
    if (share === undefined) return weight;
    const { values, among } = numbersOf(NAME, weight);
    const mask = namingWeight(weight.name, () => choose(values, share, among, weight.name));
    return { ...weight, form: applyMask(values, mask) };
  });

const dense = (model: Model, shares: Shares): Model =>
  mapWeights(model, ({ weight }) =>
    shares.has(weight.name) ? { ...weight, form: { kind: 'dense', values: numbersOf(NAME, weight).values } } : weight,
  );

const masksOf = (model: Model): ReadonlyMap<string, Uint8Array> =>
  new Map(model.weights.flatMap(({ name, form }) => (form.kind === 'masked' ? [[name, form.mask] as const] : [])));
