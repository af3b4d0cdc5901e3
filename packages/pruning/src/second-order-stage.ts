import {
  checkNames,
  MissingPartError,
  mapWeights,
  type PerWeight,
  resolvePerWeight,
  type Selector,
  type Stage,
  selectWeights,
} from '@pare/core';
import { checkSetting, recorded, SHARE, SHARE_OR_NONE } from './_settings.ts';
import { namingWeight, numbersOf, withMask } from './_weights.ts';
import { codingBits, damageSaliency } from './second-order.ts';
import { globalThreshold } from './threshold.ts';

export interface FisherPruneOptions {
  /** Kept share of all selected weights together, 0 < keep ≤ 1. */
  readonly keep: number;
  /**
   * Whether a connection must be worth the bits it costs: they compete by |w|·√(F / bits), bits as `codingBits` estimates
   * them. Connections then gather in fewer rows and columns, which makes a smaller file at the same share; default false.
   */
  readonly byBits?: boolean;
  /** Share that each weight keeps at least, 0 … 1; default 0 (but one number). */
  readonly minKeep?: PerWeight<number>;
  /** Which weights are pruned; default core's `kernels`. */
  readonly select?: Selector;
}

/**
 * Makes the stage that prunes the connections whose loss would be noticed least: one threshold on |w|·√F for all layers, F
 * being the Fisher information that the trainer of the context estimates.
 *
 * Unlike a threshold on magnitudes it needs no scale per layer: inputs that are always dark, or outputs that
 * nobody listens to, make a weight cheap however large it is.
 *
 * The stage throws a MissingPartError if the trainer is absent or estimates no Fisher information, and otherwise what
 * `magnitudePrune` throws.
 *
 * @throws RangeError or TypeError, at once, if an option is outside its range
 * @example
 * fisherPrune({ keep: 0.02 }).name // 'fisherPrune'
 * @see LeCun, Denker, Solla 1990; Theis, Korshunova, Tejani, Huszár 2018, section 3.1
 */
export function fisherPrune(options: FisherPruneOptions): Stage {
  const { keep, minKeep = 0, byBits = false, select } = options;
  checkSetting(NAME, 'keep', keep, SHARE);
  checkSetting(NAME, 'minKeep', minKeep, SHARE_OR_NONE);
  return {
    name: NAME,
    options: recorded(options),
    async run(model, context) {
      checkNames(NAME, 'minKeep', minKeep, model);
      const chosen = selectWeights(NAME, 'select', model, select);
      const numbers = chosen.map(({ weight }) => numbersOf(NAME, weight));
      const fisher = await context.trainer?.fisher?.(model, context);
      if (!fisher) {
        throw new MissingPartError(
          'no-fisher',
          'trainer',
          'fisherPrune needs a trainer that estimates the Fisher information: run(model, stages, { trainer }) with, for example, createTrainer of @pare/tfjs',
        );
      }
      const layers = chosen.map((placed, which) => {
        const { name } = placed.weight;
        const { values, among } = numbers[which]!;
        return {
          name,
          values: namingWeight(name, () => damageSaliency(values, fisher.get(name) ?? new Float32Array(values.length))),
          ...(among && { among }),
          minKeep: resolvePerWeight(minKeep, placed) ?? 0,
        };
      });
      let { masks } = globalThreshold(layers, keep);
      // What is dear depends on what else is kept: each pass estimates it from the choice of the one before.
      for (let pass = 0; byBits && pass < PASSES; pass++) {
        const priced = layers.map((layer, which) => {
          const [rows = 1] = chosen[which]!.weight.shape;
          const bits = codingBits(masks[which]!, rows, layer.values.length / rows, VALUE_BITS);
          return { ...layer, values: layer.values.map((saliency, i) => saliency / Math.sqrt(bits[i]!)) };
        });
        ({ masks } = globalThreshold(priced, keep));
      }
      const maskOf = new Map(layers.map(({ name }, which) => [name, masks[which]!]));
      return mapWeights(model, ({ weight }) => {
        const mask = maskOf.get(weight.name);
        return mask ? withMask(weight, numbersOf(NAME, weight).values, mask) : weight;
      });
    },
  };
}

const NAME = 'fisherPrune';
const PASSES = 3; // the choice hardly moves after that
const VALUE_BITS = 4; // codebooks of about sixteen values
