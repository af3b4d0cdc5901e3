import {
  checkModel,
  elementCount,
  type Form,
  type Model,
  type Parametrization,
  type Progress,
  parametrizationOf,
  type Random,
  seededRandom,
  type Trainer,
} from '@pare/core';
import { keptCount } from '@pare/pruning';
import { answersOf } from './answers.ts';
import { type Augmentation, centreCrops, distorted } from './augmentation.ts';
import { compareAnswers } from './calibration/drift.ts';
import { checkBudget } from './check-budget.ts';
import { metricsOf } from './evaluate.ts';
import { checkExamples, type Examples } from './examples.ts';
import { fisher } from './fisher.ts';
import { builtinForms } from './forms.ts';
import { remembered, teachingMaterial } from './lessons.ts';
import { classesOf, needsOf } from './network-inputs.ts';
import { trainEpoch } from './train-epoch.ts';
import { trainedNetwork, type WeightState } from './trained-network.ts';

/** Where training stands after an epoch: enough to go on as if nothing had happened. */
export interface TrainState {
  /** Describes the training that it belongs to: the state of another is not gone on from. */
  readonly key: string;
  readonly epoch: number;
  /** In the order of the model's weights. */
  readonly weights: readonly WeightState[];
  /** What `keepBest` keeps, and after which epoch it stood. */
  readonly best?: Best;
}

/** The best so far: the lower the scores, the first above all, the better. */
interface Best {
  readonly epoch: number;
  readonly scores: readonly number[];
  readonly weights: readonly WeightState[];
}

/** Where a trainer keeps the state of the training in progress, one at a time. */
export interface TrainStore {
  read(): TrainState | undefined;
  write(state: TrainState): void;
}

export interface TrainerOptions {
  /**
   * What is learnt from. May have no labels where `distill` is 1, and may be larger than the network's input: then its centre is
   * taken, or what the augmentation cuts out.
   */
  readonly train: Examples;
  /** Held back from training: what every choice is made on. May have no labels if there is a teacher, and be larger. */
  readonly validation: Examples;
  /** The net whose answers `distill` follows. */
  readonly teacher?: Model;
  /** What `augment` does to examples: `distorted`, for digits, or `randomCrops`, for photographs; default `distorted`. */
  readonly augmentation?: Augmentation;
  /** For forms beyond dense, masked and shared. */
  readonly parametrizations?: readonly Parametrization[];
  /** If given, state is written after every epoch and training goes on from there. */
  readonly store?: TrainStore;
  /** Chance for what outlasts a stage: the distorted copies that `augment: n` asks for; default seed 1. */
  readonly random?: Random;
}

/**
 * Makes a trainer for classifiers on tfjs: cross entropy, optionally with distillation, by Adam or momentum.
 *
 * Every weight stays in its form: gradients pass through its parametrization, so pruned connections stay pruned and shared
 * values move as one. Same seed, same backend: the same numbers up to float32 rounding.
 *
 * The tfjs backend must be set before; see `startWasm`.
 */
export function createTrainer(options: TrainerOptions): Trainer {
  const { train, teacher, store, random = seededRandom(1), augmentation = distorted } = options;
  checkExamples(train, 'createTrainer: train', { unlabelled: teacher !== undefined });
  checkExamples(options.validation, 'createTrainer: validation', { unlabelled: teacher !== undefined });
  const forms = [...builtinForms, ...(options.parametrizations ?? [])];
  const fitted = remembered((shape: string) => centreCrops(train, shape.split(',').map(Number)));
  const validation = remembered((shape: string) => centreCrops(options.validation, shape.split(',').map(Number)));
  const lessons = teachingMaterial(fitted, train, teacher, forms, random, augmentation);
  const ask = (model: Model, examples: Examples, signal?: AbortSignal): Promise<Float32Array> =>
    answersOf(model, examples, { parametrizations: forms, signal });
  const taught = remembered((shape: string) => ask(teacher!, validation(shape)));
  return {
    evaluate: async (model) => {
      const held = validation(shapeOf(model));
      checkExamples(held, 'evaluate', needsOf(model));
      return metricsOf(await ask(model, held), held);
    },
    fisher: async (model, context) => fisher(model, forms, fitted(shapeOf(model)), context),
    async retrain(model, budget, context) {
      checkBudget(budget, options);
      checkModel(model);
      const shape = shapeOf(model);
      checkExamples(fitted(shape), 'retrain: train', { ...needsOf(model), unlabelled: budget.distill === 1 });
      const key = JSON.stringify([budget, context.random.fork('identity').uint32(), fingerprint(model, forms)]);
      const held = store?.read();
      const saved = held?.key === key ? held : undefined;
      const network = trainedNetwork(model, forms, saved?.weights);
      const about = { stage: 'retrain', epochs: budget.epochs, density: densityOf(model) };
      const report = (progress: Partial<Progress>): void => context.report({ ...about, ...progress });
      /** What the network is worth on held-back examples: scores, the lower the better, and the same for people. */
      const judge = async (): Promise<{ scores: number[]; progress: Partial<Progress> }> => {
        const examples = validation(shape);
        const answers = await ask(network.model(), examples, context.signal);
        const metrics = examples.labels && metricsOf(answers, examples);
        const follows = (budget.distill ?? 0) > 0;
        const drift = follows ? compareAnswers(await taught(shape), answers, classesOf(model)).divergence : undefined;
        return {
          scores: drift === undefined ? [metrics!.error, metrics!.loss] : [drift],
          progress: {
            ...(metrics && { accuracy: 1 - metrics.error }),
            ...(drift !== undefined && { divergence: drift }),
          },
        };
      };
      const { keepBest = false, patience = Number.POSITIVE_INFINITY } = budget;
      try {
        let best = saved?.best;
        if (keepBest) best ??= { epoch: 0, scores: (await judge()).scores, weights: network.state() };
        for (let epoch = saved?.epoch ?? 0; epoch < budget.epochs; epoch++) {
          if (best && epoch - best.epoch >= patience) break;
          const loss = await trainEpoch(network, model, budget, epoch, lessons, context, report);
          const { scores, progress } = await judge();
          if (best && isLess(scores, best.scores)) best = { epoch: epoch + 1, scores, weights: network.state() };
          report({ fraction: (epoch + 1) / budget.epochs, epoch: epoch + 1, loss, ...progress });
          if (epoch + 1 < budget.epochs) {
            store?.write({ key, epoch: epoch + 1, weights: network.state(), ...(best && { best }) });
          }
        }
        return best ? network.model(best.weights) : network.model();
      } finally {
        network.dispose();
      }
    },
  };
}

/** Whether scores are lower than others, the first that differ deciding. */
function isLess(scores: readonly number[], others: readonly number[]): boolean {
  const at = scores.findIndex((score, i) => score !== others[i]);
  return at >= 0 && scores[at]! < others[at]!;
}

/** Of a model's input, `C,H,W`. */
const shapeOf = (model: Model): string => (needsOf(model).shape ?? []).join();

/** Sums that two models hardly share by accident. */
function fingerprint({ weights }: Model, forms: readonly Parametrization[]): number[] {
  return weights.map(({ form }) => {
    const numbers = form.kind === 'shared' ? form.codebook : parametrizationOf<Form>(form, forms).toDense(form);
    return numbers.reduce((sum, value, i) => sum + value * ((i % 31) + 1), 0);
  });
}

/** The kept share of all parameters, as far as forms say what they keep. */
function densityOf({ weights }: Model): number {
  const known = weights.filter(({ form }) => builtinForms.some(({ kind }) => kind === form.kind));
  const kept = known.reduce((sum, { form }) => sum + keptCount(form), 0);
  return (
    kept /
    Math.max(
      1,
      known.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    )
  );
}
