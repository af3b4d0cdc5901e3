import { MissingPartError } from './errors.ts';
import { type Model, mapWeights, type StageRecord } from './model.ts';
import type { Random } from './random.ts';
import { type Selector, selectorText, selectWeights } from './select.ts';
import type { TrainBudget, Trainer } from './trainer.ts';

/** What a running stage has to say. Fields are absent when they make no sense for it. */
export interface Progress {
  readonly stage: string;
  /** Done share of the stage, 0 … 1. */
  readonly fraction?: number;
  readonly epoch?: number;
  readonly epochs?: number;
  readonly loss?: number;
  /** Share of held-back examples answered rightly, 0 … 1. */
  readonly accuracy?: number;
  /** Mean divergence of the answers to held-back examples from the teacher's, in nats. */
  readonly divergence?: number;
  /** Non-zero share of all parameters, 0 … 1. */
  readonly density?: number;
}

export interface StageContext {
  readonly random: Random;
  readonly trainer?: Trainer;
  readonly signal?: AbortSignal;
  report(progress: Progress): void;
}

/**
 * The one interface that all methods share: a network in, a network out.
 *
 * A stage never changes its input, returns the weights it has not touched as they are, and repeats itself under the same
 * seed (training within its stated tolerance). `parts` is there when a stage is nothing but others in sequence.
 */
export interface Stage {
  readonly name: string;
  readonly options?: unknown;
  readonly parts?: readonly Stage[];
  run(model: Model, context: StageContext): Model | Promise<Model>;
}

/**
 * Makes one stage of several, run in order.
 *
 * @example
 * chain(chain(), chain()).parts // []
 */
export function chain(...stages: readonly Stage[]): Stage {
  const parts = stages.flatMap(partsOf);
  return {
    name: 'chain',
    parts,
    run: (model, context) => fold(model, parts, context, 0),
  };
}

/**
 * Repeats a stage; each round may differ.
 *
 * @param rounds - whole number ≥ 0
 * @param stage - given the round, 0 … rounds − 1
 * @throws RangeError if `rounds` is not such a number
 * @example
 * repeat(2, () => retrain({ epochs: 1 })).parts?.length // 2
 */
export function repeat(rounds: number, stage: (round: number) => Stage): Stage {
  if (!Number.isSafeInteger(rounds) || rounds < 0) {
    throw new RangeError(`repeat: "rounds" expected a whole number ≥ 0, got ${rounds}`);
  }
  return chain(...Array.from({ length: rounds }, (_, round) => stage(round)));
}

/**
 * Restricts a stage to the selected weights. The stage sees the whole model; what it does to other weights is undone.
 * Its options say so: `only` comes before those it had, the selector as `selectorText` says it.
 *
 * The stage throws a RangeError if the selector takes no weight.
 *
 * @example
 * only('ip1/kernel', retrain({ epochs: 1 })).options // { only: 'ip1/kernel', epochs: 1 }
 */
export function only(selector: Selector, stage: Stage): Stage {
  if (stage.parts) return chain(...stage.parts.map((part) => only(selector, part)));
  return {
    ...stage,
    options: restricted(selectorText(selector), stage.options),
    async run(model, context) {
      const chosen = new Set(selectWeights('only', 'selector', model, selector).map(({ weight }) => weight.name));
      const after = await stage.run(model, context);
      const before = new Map(model.weights.map((weight) => [weight.name, weight]));
      return mapWeights(after, ({ weight }) =>
        chosen.has(weight.name) ? weight : (before.get(weight.name) ?? weight),
      );
    },
  };
}

/** Options with the restriction before them; one within another is an intersection. */
function restricted(only: string, options: unknown): unknown {
  if (options === undefined) return { only };
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return { only, options };
  return { only, ...options, ...('only' in options && { only: `${only} & ${options.only}` }) };
}

/**
 * Trains what the forms leave free, with the trainer of the context.
 *
 * @throws MissingPartError if the context has no trainer
 */
export function retrain(budget: TrainBudget): Stage {
  return {
    name: 'retrain',
    options: budget,
    run(model, context) {
      if (!context.trainer) {
        throw new MissingPartError(
          'no-trainer',
          'trainer',
          'retrain needs a trainer: run(model, stages, { trainer }) with, for example, createTrainer of @pare/tfjs',
        );
      }
      return context.trainer.retrain(model, budget, context);
    },
  };
}

export interface RunOptions {
  readonly random: Random;
  readonly trainer?: Trainer;
  readonly signal?: AbortSignal;
  /** Steps to skip because their result is already in `model`, 0 … as many as there are; default 0. */
  readonly from?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Called after each single stage with its index and result: the place to save a checkpoint. */
  readonly onStage?: (index: number, stage: Stage, model: Model) => void | Promise<void>;
}

/**
 * Runs stages over a model, flattened to single steps. Step i draws its chance from `random.fork(i)`, so a run resumed
 * at `from` goes on exactly as the unbroken one would have.
 *
 * @throws RangeError if there is no such step as `from`
 * @throws whatever a stage throws; the signal's reason once it is aborted, between stages or within one that heeds it
 */
export async function run(model: Model, stages: readonly Stage[], options: RunOptions): Promise<Model> {
  const { random, trainer, signal, from = 0, onProgress, onStage } = options;
  const context: StageContext = {
    random,
    ...(trainer && { trainer }),
    ...(signal && { signal }),
    report: (progress) => onProgress?.(progress),
  };
  const parts = stages.flatMap(partsOf);
  if (!Number.isInteger(from) || from < 0 || from > parts.length) {
    throw new RangeError(`run: "from" expected a step from 0 to ${parts.length}, got ${from}`);
  }
  return fold(model, parts, context, from, onStage);
}

async function fold(
  model: Model,
  parts: readonly Stage[],
  context: StageContext,
  from: number,
  onStage?: RunOptions['onStage'],
): Promise<Model> {
  let current = model;
  for (let index = from; index < parts.length; index++) {
    const stage = parts[index]!;
    context.signal?.throwIfAborted();
    context.report({ stage: stage.name, fraction: 0 });
    const next = await stage.run(current, { ...context, random: context.random.fork(index) });
    const record: StageRecord = { stage: stage.name, ...(stage.options !== undefined && { options: stage.options }) };
    current = { ...next, history: [...current.history, record] };
    context.report({ stage: stage.name, fraction: 1 });
    await onStage?.(index, stage, current);
  }
  return current;
}

/** The single stages that a stage consists of. */
export const partsOf = (stage: Stage): readonly Stage[] => stage.parts ?? [stage];
