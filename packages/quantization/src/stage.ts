import {
  type Form,
  kernels,
  MissingPartError,
  type Model,
  mapWeights,
  matches,
  type PerWeight,
  type Placed,
  resolvePerWeight,
  type Selector,
  type Shared,
  type Stage,
  type StageContext,
} from '@pare/core';
import { sameShared } from './_same.ts';
import { checkEntropyOptions, type EntropyOptions, shareEntropyConstrained } from './entropy-constrained.ts';
import { checkShareOptions, type ShareOptions, shareValues } from './share-values.ts';
import { sharedParametrization } from './shared.ts';

export type ShareWeightsOptions = Pick<ShareOptions, 'method' | 'init' | 'iterations' | 'zero'> & {
  /**
   * Whether numbers count by their Fisher information, which the trainer of the context estimates: what matters more to the
   * answers is represented more exactly. Default false.
   */
  readonly byFisher?: boolean;
  /** Which weights; default core's `kernels`. */
  readonly weights?: Selector;
} & (
    | {
        /** Bits per index, 1 … 16, for all weights or by type of layer or by name; a weight it says nothing about is left alone. */
        readonly bits: PerWeight<number>;
      }
    | {
        /** The same in entries of the codebook, 1 … 65,536. */
        readonly count: PerWeight<number>;
      }
  );

/**
 * Makes weights share the entries of one codebook each.
 *
 * Dense and masked weights become shared, shared ones are shared anew; what is pruned stays so. See `shareValues`.
 *
 * @throws RangeError at once if an option is outside its range; in running if a weight holds a number that is not finite
 * @throws MissingPartError in running, if `byFisher` is asked for and the trainer estimates no Fisher information
 * @example
 * shareWeights({ bits: { default: 5, byType: { conv2d: 8 } } }).name // 'shareWeights'
 * @see Han, Mao, Dally 2016, section 3
 */
export function shareWeights(options: ShareWeightsOptions): Stage {
  const { weights = kernels, byFisher = false, ...recorded } = options;
  const { bits: _bits, count: _count, ...rest } = { bits: undefined, count: undefined, ...recorded };
  const size = (value: number) => ('bits' in options ? { bits: value } : { count: value });
  const setting = 'bits' in options ? options.bits : options.count;
  for (const each of settingsOf(setting)) checkShareOptions('shareWeights', { ...rest, ...size(each) });
  return sharingStage(
    'shareWeights',
    { ...recorded, ...(byFisher && { byFisher }) },
    weights,
    (placed, values, mask, random, fisher) => {
      const forThis = resolvePerWeight(setting, placed);
      if (forThis === undefined) return undefined;
      const importance = fisher?.get(placed.weight.name);
      return shareValues(values, mask, { ...rest, ...size(forThis), random, ...(importance && { importance }) });
    },
    byFisher,
  );
}

export interface EntropyShareOptions extends Pick<EntropyOptions, 'count' | 'zero' | 'init' | 'iterations'> {
  /** λ ≥ 0: squared error per bit, for all weights or by type of layer or by name; a weight it says nothing about is left alone. */
  readonly lambda: PerWeight<number>;
  /** Which weights; default core's `kernels`. */
  readonly weights?: Selector;
}

/**
 * Makes weights share codebooks whose symbols are cheap to code; with `zero`, prunes in the same decision. See `shareEntropyConstrained`.
 *
 * @throws RangeError at once if an option is outside its range; in running if a weight holds a number that is not finite
 * @example
 * entropyShare({ lambda: 1e-4, zero: true }).name // 'entropyShare'
 * @see Chou, Lookabaugh, Gray 1989
 */
export function entropyShare(options: EntropyShareOptions): Stage {
  const { lambda, weights = kernels, ...rest } = options;
  for (const each of settingsOf(lambda)) checkEntropyOptions('entropyShare', { ...rest, lambda: each });
  return sharingStage('entropyShare', { lambda, ...rest }, weights, (placed, values, mask, random) => {
    const forThis = resolvePerWeight(lambda, placed);
    return forThis === undefined
      ? undefined
      : shareEntropyConstrained(values, mask, { ...rest, lambda: forThis, random }).form;
  });
}

type Share = (
  placed: Placed,
  values: Float32Array,
  mask: Uint8Array | undefined,
  random: StageContext['random'],
  fisher: ReadonlyMap<string, Float32Array> | undefined,
) => Shared | undefined;

/** A stage that maps the selected weights; each draws from its own stream, so that other layers do not matter to it. */
function sharingStage(name: string, options: object, weights: Selector, share: Share, byFisher = false): Stage {
  return {
    name,
    options,
    async run(model, context) {
      const { random, signal } = context;
      const fisher = byFisher ? await fisherOf(name, model, context) : undefined;
      return mapWeights(model, (placed) => {
        signal?.throwIfAborted();
        const { weight } = placed;
        if (!matches(weights, placed)) return weight;
        try {
          const { values, mask } = numbersOf(weight.form);
          const form = share(placed, values, mask, random.fork(weight.name), fisher);
          return form && !sameShared(form, weight.form) ? { ...weight, form } : weight;
        } catch (cause) {
          if (!(cause instanceof RangeError)) throw cause;
          throw new RangeError(`${name}: weight "${weight.name}": ${cause.message}`, { cause });
        }
      });
    },
  };
}

/** The Fisher information, by weight, a hair above zero: a number that seems not to matter still wants to be represented. */
async function fisherOf(name: string, model: Model, context: StageContext): Promise<ReadonlyMap<string, Float32Array>> {
  const fisher = await context.trainer?.fisher?.(model, context);
  if (!fisher) {
    throw new MissingPartError(
      'no-fisher',
      'trainer',
      `${name} by Fisher information needs a trainer that estimates it: run(model, stages, { trainer }) with, for example, createTrainer of @pare/tfjs`,
    );
  }
  return new Map([...fisher].map(([weight, values]) => [weight, values.map((value) => value + HAIR)]));
}

const HAIR = 1e-9; // squared gradients of a trained network's weights are about 1e-6 … 1e-2

function numbersOf(form: Form): { readonly values: Float32Array; readonly mask?: Uint8Array } {
  if (form.kind === 'dense') return { values: form.values };
  if (form.kind === 'masked') return form;
  if (form.kind === 'shared') return { values: sharedParametrization.toDense(form), mask: form.mask };
  throw new RangeError(`expected the form dense, masked or shared, got ${(form as Form).kind}`); // a plugin's
}

/** All values a setting can resolve to. */
function settingsOf(setting: PerWeight<number>): readonly number[] {
  if (typeof setting !== 'object') return [setting];
  const { default: fallback, byType = {}, byName = {} } = setting;
  return [fallback, ...Object.values(byType), ...Object.values(byName)].filter((each) => each !== undefined);
}
