import {
  checkNames,
  type Form,
  kernels,
  MissingPartError,
  type Model,
  mapWeights,
  type PerWeight,
  type Placed,
  resolvePerWeight,
  type Selector,
  type Shared,
  type Stage,
  type StageContext,
  selectorText,
  selectWeights,
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
 * @throws RangeError at once if an option is outside its range; in running if a weight holds a number that is not finite, a
 *   `byName` entry names nothing in the model, or `weights` selects nothing
 * @throws MissingPartError in running, if `byFisher` is asked for and the trainer estimates no Fisher information
 * @example
 * shareWeights({ bits: { default: 5, byType: { conv2d: 8 } } }).name // 'shareWeights'
 * @see Han, Mao, Dally 2016, section 3
 */
export function shareWeights(options: ShareWeightsOptions): Stage {
  const { weights, byFisher = false, ...told } = options;
  const { bits: _bits, count: _count, ...rest } = { bits: undefined, count: undefined, ...told };
  const size = (value: number) => ('bits' in options ? { bits: value } : { count: value });
  const [option, setting] = 'bits' in options ? (['bits', options.bits] as const) : (['count', options.count] as const);
  for (const each of settingsOf(setting)) checkShareOptions('shareWeights', { ...rest, ...size(each) });
  return sharingStage({
    name: 'shareWeights',
    options: { ...told, ...(byFisher && { byFisher }), ...recorded(weights) },
    setting: [option, setting],
    weights,
    byFisher,
    share({ weight }, value, { values, mask }, random, fisher) {
      const importance = fisher?.get(weight.name);
      return shareValues(values, mask, { ...rest, ...size(value), random, ...(importance && { importance }) });
    },
  });
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
 * @throws RangeError at once if an option is outside its range; in running if a weight holds a number that is not finite, a
 *   `byName` entry names nothing in the model, or `weights` selects nothing
 * @example
 * entropyShare({ lambda: 1e-4, zero: true }).name // 'entropyShare'
 * @see Chou, Lookabaugh, Gray 1989
 */
export function entropyShare(options: EntropyShareOptions): Stage {
  const { lambda, weights, ...rest } = options;
  for (const each of settingsOf(lambda)) checkEntropyOptions('entropyShare', { ...rest, lambda: each });
  return sharingStage({
    name: 'entropyShare',
    options: { lambda, ...rest, ...recorded(weights) },
    setting: ['lambda', lambda],
    weights,
    share: (_placed, value, { values, mask }, random) =>
      shareEntropyConstrained(values, mask, { ...rest, lambda: value, random }).form,
  });
}

interface Sharing {
  readonly name: string;
  /** As they are recorded. */
  readonly options: object;
  /** What is asked of each weight, with the option's name. */
  readonly setting: readonly [option: string, PerWeight<number>];
  readonly weights: Selector | undefined;
  readonly byFisher?: boolean;
  share(
    placed: Placed,
    value: number,
    numbers: Numbers,
    random: StageContext['random'],
    fisher: ReadonlyMap<string, Float32Array> | undefined,
  ): Shared;
}

/** A stage that maps the selected weights; each draws from its own stream, so that other layers do not matter to it. */
function sharingStage({ name, options, setting: [option, setting], weights, byFisher = false, share }: Sharing): Stage {
  return {
    name,
    options,
    async run(model, context) {
      const { random, signal } = context;
      checkNames(name, option, setting, model);
      const chosen = new Set(selectWeights(name, 'weights', model, weights).map(({ weight }) => weight.name));
      const fisher = byFisher ? await fisherOf(name, model, context) : undefined;
      return mapWeights(model, (placed) => {
        signal?.throwIfAborted();
        const { weight } = placed;
        const value = resolvePerWeight(setting, placed);
        if (value === undefined || !chosen.has(weight.name)) return weight;
        try {
          const form = share(placed, value, numbersOf(weight.form), random.fork(weight.name), fisher);
          return sameShared(form, weight.form) ? weight : { ...weight, form };
        } catch (cause) {
          if (!(cause instanceof RangeError)) throw cause;
          throw new RangeError(`${name}: weight "${weight.name}": ${cause.message}`, { cause });
        }
      });
    },
  };
}

/** The selector as it is recorded: in words, unless it is the default. */
const recorded = (weights: Selector = kernels): { readonly weights?: string } =>
  weights === kernels ? {} : { weights: selectorText(weights, 'weights') };

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

interface Numbers {
  readonly values: Float32Array;
  readonly mask?: Uint8Array;
}

function numbersOf(form: Form): Numbers {
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
