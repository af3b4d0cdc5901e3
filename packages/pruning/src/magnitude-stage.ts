import {
  checkNames,
  type Model,
  mapWeights,
  type PerWeight,
  type Placed,
  resolvePerWeight,
  type Selector,
  type Stage,
  selectWeights,
} from '@pare/core';
import { COUNT, checkSetting, NOT_NEGATIVE, recorded, SHARE, SHARE_OR_NONE } from './_settings.ts';
import { namingWeight, numbersOf, withMask } from './_weights.ts';
import { type MagnitudeRule, magnitudeMask } from './magnitude.ts';
import { globalThreshold } from './threshold.ts';

/** What is kept: a share of each weight, what is large against its spread, or a share of all with one threshold. */
export type MagnitudePruneOptions = {
  /** Which weights are pruned; default core's `kernels`. The setting must also say something about them. */
  readonly select?: Selector;
} & (
  | {
      /** Kept share of each weight, 0 < keep ≤ 1. */
      readonly keep: PerWeight<number>;
      /** At least so many numbers of each weight are kept; default 1. */
      readonly min?: number;
    }
  | {
      /** Kept if |w| ≥ quality · σ of the weight's remaining numbers; ≥ 0. */
      readonly quality: PerWeight<number>;
    }
  | {
      /** One threshold for all selected weights together. */
      readonly global: {
        /** Kept share of all of them, 0 < keep ≤ 1. */
        readonly keep: number;
        /** Magnitudes are compared as they are, or divided by their weight's root mean square; default `'none'`. */
        readonly scale?: 'none' | 'rms';
        /** Share that each weight keeps at least, 0 … 1; default 0 (but one number). */
        readonly minKeep?: PerWeight<number>;
      };
    }
);

/**
 * Makes the stage that prunes the connections of small magnitude.
 *
 * What is pruned already stays pruned. Weights about which the setting says nothing are left alone, and so are those
 * that lose nothing: a dense weight stays dense. With `global`, restrict the competition by `select`; `only` would
 * restrict what comes of it.
 *
 * The stage throws a TypeError for shared weights (prune first, share then), a RangeError for numbers that are not
 * finite and for `byName` entries that name nothing in the model.
 *
 * @throws RangeError or TypeError, at once, if an option is outside its range
 * @example
 * magnitudePrune({ keep: { default: 0.1, byName: { ip3: 0.26 } } }).name // 'magnitudePrune'
 * @see Han, Pool, Tran, Dally 2015, section 3
 */
export function magnitudePrune(options: MagnitudePruneOptions): Stage {
  checkOptions(options);
  const { select } = options;
  return {
    name: NAME,
    options: recorded(options),
    run(model) {
      const chosen = selectWeights(NAME, 'select', model, select);
      const masks =
        'global' in options ? globalMasks(model, chosen, options.global) : layerMasks(model, chosen, options);
      return mapWeights(model, ({ weight }) => {
        const mask = masks.get(weight.name);
        return mask ? withMask(weight, numbersOf(NAME, weight).values, mask) : weight;
      });
    },
  };
}

const NAME = 'magnitudePrune';
type Masks = ReadonlyMap<string, Uint8Array>;
type LayerOptions = Exclude<MagnitudePruneOptions, { readonly global: unknown }>;
type GlobalOptions = Extract<MagnitudePruneOptions, { readonly global: unknown }>['global'];

function layerMasks(model: Model, chosen: readonly Placed[], options: LayerOptions): Masks {
  const [name, setting] =
    'keep' in options ? (['keep', options.keep] as const) : (['quality', options.quality] as const);
  checkNames(NAME, name, setting, model);
  const masks = new Map<string, Uint8Array>();
  for (const placed of chosen) {
    const value = resolvePerWeight(setting, placed);
    if (value === undefined) continue;
    const { values, among } = numbersOf(NAME, placed.weight);
    const rule: MagnitudeRule =
      'keep' in options ? { keep: value, ...(options.min !== undefined && { min: options.min }) } : { quality: value };
    masks.set(
      placed.weight.name,
      namingWeight(placed.weight.name, () => magnitudeMask(values, rule, among)),
    );
  }
  return masks;
}

function globalMasks(model: Model, chosen: readonly Placed[], options: GlobalOptions): Masks {
  const { keep, scale = 'none', minKeep = 0 } = options;
  checkNames(NAME, 'global.minKeep', minKeep, model);
  const layers = chosen.map((placed) => ({
    name: placed.weight.name,
    ...numbersOf(NAME, placed.weight),
    ...(scale === 'rms' && { scale }),
    minKeep: resolvePerWeight(minKeep, placed) ?? 0,
  }));
  const { masks } = globalThreshold(layers, keep);
  return new Map(layers.map(({ name }, which) => [name, masks[which]!]));
}

function checkOptions(options: MagnitudePruneOptions): void {
  const ways = ['keep', 'quality', 'global'].filter((way) => way in options);
  if (ways.length !== 1) {
    throw new TypeError(
      `${NAME}: "options" expected one of keep, quality, global, got ${ways.join(' and ') || 'none'}`,
    );
  }
  if ('keep' in options) {
    checkSetting(NAME, 'keep', options.keep, SHARE);
    if (options.min !== undefined) checkSetting(NAME, 'min', options.min, COUNT);
  } else if ('quality' in options) checkSetting(NAME, 'quality', options.quality, NOT_NEGATIVE);
  else {
    const { keep, scale = 'none', minKeep = 0 } = options.global;
    checkSetting(NAME, 'global.keep', keep, SHARE);
    checkSetting(NAME, 'global.minKeep', minKeep, SHARE_OR_NONE);
    if (scale !== 'none' && scale !== 'rms') {
      throw new TypeError(`${NAME}: "global.scale" expected 'none' or 'rms', got ${scale}`);
    }
  }
}
