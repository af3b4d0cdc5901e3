import {
  checkModel,
  elementCount,
  type Metrics,
  type Model,
  type Parametrization,
  type Progress,
  placedWeights,
  type Random,
  type StageContext,
  seededRandom,
  type TrainBudget,
  type Trainer,
} from '@pare/core';
import { adjustedDropout, keptCount } from '@pare/pruning';
import * as tf from '@tensorflow/tfjs-core';
import { answersAtOnce, answersOf, turn } from './answers.ts';
import { type Augmentation, centreCrops, distorted } from './augmentation.ts';
import { compareAnswers } from './calibration/drift.ts';
import { batches, checkExamples, type Examples, inputBatch, oneHot } from './examples.ts';
import { builtinForms } from './forms.ts';
import { classesOf, needsOf, preprocessOf } from './network-inputs.ts';
import { type TrainedNetwork, trainedNetwork, type WeightState } from './trained-network.ts';
import { softmaxCrossEntropy } from './wasm-gradients.ts';

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

/** Usual softness of the answers compared in distillation. */
const TEMPERATURE = 3;

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
      const key = JSON.stringify([budget, context.random.fork('identity').uint32(), fingerprint(model)]);
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

/** Computes once for each argument. */
function remembered<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key));
    return known.get(key)!;
  };
}

/** Of a model's input, `C,H,W`. */
const shapeOf = (model: Model): string => (needsOf(model).shape ?? []).join();

/**
 * Judges a model on examples.
 *
 * @param parametrizations - for forms beyond dense, masked and shared
 * @example
 * // const { error } = evaluate(decodeModel(bytes), test)
 */
export function evaluate(
  model: Model,
  examples: Examples,
  parametrizations: readonly Parametrization[] = builtinForms,
): Metrics {
  checkExamples(examples, 'evaluate', needsOf(model));
  return metricsOf(answersAtOnce(model, examples, { parametrizations }), examples);
}

/** How well logits `[count, classes]` answer labelled examples. */
function metricsOf(answers: Float32Array, examples: Examples): Metrics {
  const classes = answers.length / examples.count;
  let wrong = 0;
  let loss = 0;
  for (let n = 0; n < examples.count; n++) {
    const row = answers.subarray(n * classes, (n + 1) * classes);
    if (!row.every(Number.isFinite)) {
      throw new RangeError(`evaluate: the network's answers to example ${n} are not finite: [${row.join(', ')}]`);
    }
    const label = examples.labels![n]!;
    const top = row.reduce((best, value, k) => (value > row[best]! ? k : best), 0);
    if (top !== label) wrong++;
    loss += Math.log(row.reduce((sum, value) => sum + Math.exp(value - row[top]!), 0)) + row[top]! - row[label]!;
  }
  return { error: wrong / examples.count, loss: loss / examples.count, count: examples.count };
}

interface Lesson {
  readonly examples: Examples;
  /** The teacher's logits, `[count, classes]`. */
  answers(signal?: AbortSignal): Promise<Float32Array>;
}

/**
 * What an epoch is taught from: the examples as they are, one of several augmented copies, or fresh ones. The teacher is asked
 * once for each copy, which is then used again and again.
 */
function teachingMaterial(
  fitted: (shape: string) => Examples,
  train: Examples,
  teacher: Model | undefined,
  forms: readonly Parametrization[],
  random: Random,
  augmentation: Augmentation,
) {
  const lesson = (examples: Examples): Lesson => {
    let answers: Float32Array | undefined;
    return {
      examples,
      async answers(signal) {
        return (answers ??= await answersOf(teacher!, examples, { parametrizations: forms, signal }));
      },
    };
  };
  const plain = remembered((shape: string) => lesson(fitted(shape)));
  const copies = new Map<string, Lesson>();
  return (model: Model, { augment = false, distortion = 1 }: TrainBudget, epoch: Random): Lesson => {
    const shape = needsOf(model).shape ?? train.shape;
    if (augment === false || augment === 0) return plain(shape.join());
    const changed = (chance: Random): Lesson => lesson(augmentation(train, chance, distortion, shape));
    if (augment === true) return changed(epoch.fork('distortion'));
    const which = `copy ${epoch.fork('copy').integer(augment)} of strength ${distortion}`;
    const key = `${which}, [${shape}]`;
    const copy = copies.get(key) ?? changed(random.fork(which));
    copies.set(key, copy);
    return copy;
  };
}

// Of the network's input, between two turns of others and two reports: 50 steps of 64 digits, each step of 8 photographs.
const NUMBERS_A_TURN = 2 ** 20;

async function trainEpoch(
  network: TrainedNetwork,
  model: Model,
  budget: TrainBudget,
  epoch: number,
  lessons: ReturnType<typeof teachingMaterial>,
  context: StageContext,
  report: (progress: Partial<Progress>) => void,
): Promise<number> {
  const { epochs, batchSize = 64, schedule = 'cosine', optimizer = 'adam', weightDecay = 0, distill = 0 } = budget;
  const { learningRate = optimizer === 'adam' ? 1e-3 : 1e-2, dropout = {}, temperature = TEMPERATURE } = budget;
  const random = context.random.fork(`epoch ${epoch}`);
  const { examples, answers } = lessons(model, budget, random);
  checkExamples(examples, 'retrain: augmented', { ...needsOf(model), unlabelled: distill === 1 });
  const soft = distill > 0 ? await answers(context.signal) : undefined;
  const classes = classesOf(model);
  const preprocess = preprocessOf(model);
  const rates = dropoutRates(model, dropout);
  const stepsPerEpoch = Math.ceil(examples.count / batchSize);
  const stepsATurn = Math.min(50, Math.ceil(NUMBERS_A_TURN / (batchSize * elementCount(examples.shape))));
  let lossSum = 0;
  let done = 0;
  for (const chosen of batches(examples.count, batchSize, random.fork('order'))) {
    context.signal?.throwIfAborted();
    const before = epoch * stepsPerEpoch + done;
    const progress = before / (epochs * stepsPerEpoch);
    const chance = random.fork(`dropout ${done}`);
    const loss = tf.tidy(() => {
      const x = inputBatch(examples, chosen, preprocess);
      const labels = distill < 1 ? oneHot(examples, chosen, classes) : undefined;
      const target = soft && softened(soft, chosen, classes, temperature);
      const { value, grads } = tf.variableGrads(() => {
        const given = network.logits(x, (layer, input) =>
          rates.has(layer.name)
            ? tf.dropout(input, rates.get(layer.name)!, undefined, chance.fork(layer.name).uint32())
            : input,
        );
        const hard = labels && softmaxCrossEntropy(labels, given);
        if (!target) return hard!;
        // T² keeps the size of the gradient as the temperature softens it (Hinton, Vinyals, Dean 2015, section 2).
        const cooled = tf.div(given, temperature) as tf.Tensor2D;
        const following = tf.mul(softmaxCrossEntropy(target, cooled), distill * temperature ** 2) as tf.Scalar;
        return hard ? (tf.add(tf.mul(hard, 1 - distill), following) as tf.Scalar) : following;
      }, network.variables);
      network.update(grads, {
        step: before + 1,
        learningRate: learningRate * decay(schedule, progress),
        weightDecay,
        optimizer,
      });
      return value.dataSync<'float32'>()[0]!;
    });
    if (!Number.isFinite(loss)) {
      throw new RangeError(
        `retrain: the loss became ${loss} in epoch ${epoch + 1}: lower "learningRate" (${learningRate})`,
      );
    }
    lossSum += loss;
    done++;
    if (done % stepsATurn === 0) {
      await turn(context.signal);
      report({ fraction: progress, epoch: epoch + 1, loss: lossSum / done });
    }
  }
  return lossSum / done;
}

/** Batches from which the Fisher information is estimated: 3,840 examples leave each number with an error of a few percent. */
const FISHER_BATCHES = 60;
const FISHER_BATCH_SIZE = 64;

/**
 * F_i = E[(∂ log p(y | x) / ∂w_i)²], x from the training examples, y drawn from the network's own answers at the temperature of
 * distillation. Gradients of single examples have mean zero then, so that B · (gradient of a mean of B)² has the same mean.
 */
async function fisher(
  model: Model,
  forms: readonly Parametrization[],
  train: Examples,
  { random, signal }: StageContext,
): Promise<ReadonlyMap<string, Float32Array>> {
  const network = trainedNetwork(model, forms);
  const preprocess = preprocessOf(model);
  const classes = classesOf(model);
  const answer = random.fork('answers');
  let count = 0;
  try {
    for (const chosen of batches(train.count, FISHER_BATCH_SIZE, random.fork('order'))) {
      signal?.throwIfAborted();
      if (count++ === FISHER_BATCHES) break;
      tf.tidy(() => {
        const x = inputBatch(train, chosen, preprocess);
        const given = (): tf.Tensor2D => tf.div(network.logits(x), TEMPERATURE) as tf.Tensor2D;
        const drawn = drawRows(
          tf.tidy(() => tf.softmax(given()).dataSync<'float32'>()),
          classes,
          answer,
        );
        const { grads } = tf.variableGrads(() => softmaxCrossEntropy(drawn, given()), network.variables);
        network.addSquares(grads, chosen.length);
      });
    }
    return network.squares(1 / Math.min(count, FISHER_BATCHES));
  } finally {
    network.dispose();
  }
}

/** For each row of probabilities, one class drawn by them, one-hot. */
function drawRows(probabilities: Float32Array, classes: number, random: Random): tf.Tensor2D {
  const out = new Float32Array(probabilities.length);
  for (let start = 0; start < out.length; start += classes) {
    let left = random.float();
    let k = 0;
    while (k < classes - 1 && (left -= probabilities[start + k]!) >= 0) k++;
    out[start + k] = 1;
  }
  return tf.tensor2d(out, [out.length / classes, classes]);
}

/** Rows of softmax(z / T), `[N, classes]`. */
const softened = (answers: Float32Array, chosen: Uint32Array, classes: number, temperature: number): tf.Tensor2D => {
  const out = new Float32Array(chosen.length * classes);
  chosen.forEach((example, n) => {
    out.set(answers.subarray(example * classes, (example + 1) * classes), n * classes);
  });
  return tf.softmax(tf.div(tf.tensor2d(out, [chosen.length, classes]), temperature) as tf.Tensor2D);
};

/** Sums that two models hardly share by accident. */
function fingerprint({ weights }: Model): number[] {
  return weights.map(({ form }) => {
    const numbers = form.kind === 'shared' ? form.codebook : form.values;
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

/** Rates for the dense net, lowered where pruning already thins a layer's connections (Han et al. 2015, equation 2). */
function dropoutRates(model: Model, dropout: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const placed = placedWeights(model);
  return new Map(
    Object.entries(dropout).map(([name, rate]) => {
      const kernel = placed.find(({ layer, role }) => layer?.name === name && role === 'kernel')?.weight;
      if (!kernel) {
        throw new RangeError(`retrain: "dropout" names "${name}", which is no convolution or dense layer of the model`);
      }
      if (!('mask' in kernel.form)) return [name, rate] as const;
      const kept = kernel.form.mask.reduce((sum, bit) => sum + bit, 0);
      return [name, adjustedDropout(rate, kernel.form.mask.length, kept)] as const;
    }),
  );
}

function checkBudget(budget: TrainBudget, { teacher, train, validation }: TrainerOptions): void {
  const { epochs, batchSize = 64, learningRate = 1, distill = 0, augment = false, distortion = 1 } = budget;
  const { weightDecay = 0, optimizer = 'adam', schedule = 'cosine', dropout = {} } = budget;
  const { temperature = TEMPERATURE, patience = 1 } = budget;
  const whole = (name: string, value: number, least: number): void => {
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`retrain: "${name}" expected a whole number of at least ${least}, got ${value}`);
    }
  };
  const within = (name: string, value: number, holds: boolean, expected: string): void => {
    if (!holds) throw new RangeError(`retrain: "${name}" expected ${expected}, got ${value}`);
  };
  const oneOf = (name: string, value: string, known: readonly string[]): void => {
    if (!known.includes(value)) {
      throw new RangeError(`retrain: "${name}" expected one of ${known.join(', ')}, got "${value}"`);
    }
  };
  whole('epochs', epochs, 0);
  whole('batchSize', batchSize, 1);
  if (typeof augment === 'number') whole('augment', augment, 0);
  whole('patience', patience, 1);
  within('temperature', temperature, temperature > 0 && Number.isFinite(temperature), '> 0');
  within('learningRate', learningRate, learningRate > 0 && Number.isFinite(learningRate), '> 0');
  within('distortion', distortion, distortion >= 0 && Number.isFinite(distortion), '≥ 0');
  within('weightDecay', weightDecay, weightDecay >= 0 && Number.isFinite(weightDecay), '≥ 0');
  within('distill', distill, distill >= 0 && distill <= 1, '0 … 1');
  for (const [layer, rate] of Object.entries(dropout)) {
    within(`dropout.${layer}`, rate, rate >= 0 && rate < 1, '0 ≤ rate < 1');
  }
  oneOf('optimizer', optimizer, ['adam', 'momentum']);
  oneOf('schedule', schedule, ['constant', 'cosine', 'linear']);
  if (distill > 0 && !teacher) {
    throw new RangeError('retrain: "distill" needs a teacher: createTrainer({ teacher: theDenseModel, … })');
  }
  if (distill < 1 && !train.labels)
    throw new RangeError(`retrain: without labels "distill" expected 1, got ${distill}`);
  if (distill === 0 && !validation.labels)
    throw new RangeError('retrain: "validation" expected labels, or "distill" > 0');
}

function decay(schedule: NonNullable<TrainBudget['schedule']>, done: number): number {
  const FLOOR = 0.01;
  if (schedule === 'constant') return 1;
  const falling = schedule === 'linear' ? 1 - done : (1 + Math.cos(Math.PI * done)) / 2;
  return FLOOR + (1 - FLOOR) * falling;
}
