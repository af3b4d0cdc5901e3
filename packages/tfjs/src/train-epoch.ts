import {
  elementCount,
  type Model,
  type Progress,
  placedWeights,
  type StageContext,
  type TrainBudget,
} from '@pare/core';
import { adjustedDropout } from '@pare/pruning';
import * as tf from '@tensorflow/tfjs-core';
import { turn } from './answers.ts';
import { batches, checkExamples, inputBatch, oneHot } from './examples.ts';
import type { teachingMaterial } from './lessons.ts';
import { classesOf, needsOf, preprocessOf } from './network-inputs.ts';
import type { TrainedNetwork } from './trained-network.ts';
import { softmaxCrossEntropy } from './wasm-gradients.ts';

/** Usual softness of the answers compared in distillation. */
export const TEMPERATURE = 3;

// Of the network's input, between two turns of others and two reports: 50 steps of 64 digits, each step of 8 photographs.
const NUMBERS_A_TURN = 2 ** 20;

/**
 * Trains a network on all examples once.
 *
 * @param epoch - from 0
 * @returns the mean loss of its steps
 * @throws RangeError if the loss is no number any more
 */
export async function trainEpoch(
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
      const labels =
        distill < 1
          ? oneHot(
              chosen.map((example) => examples.labels![example]!),
              classes,
            )
          : undefined;
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

/** Rows of softmax(z / T), `[N, classes]`. */
const softened = (answers: Float32Array, chosen: Uint32Array, classes: number, temperature: number): tf.Tensor2D => {
  const out = new Float32Array(chosen.length * classes);
  chosen.forEach((example, n) => {
    out.set(answers.subarray(example * classes, (example + 1) * classes), n * classes);
  });
  return tf.softmax(tf.div(tf.tensor2d(out, [chosen.length, classes]), temperature) as tf.Tensor2D);
};

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

function decay(schedule: NonNullable<TrainBudget['schedule']>, done: number): number {
  const FLOOR = 0.01;
  if (schedule === 'constant') return 1;
  const falling = schedule === 'linear' ? 1 - done : (1 + Math.cos(Math.PI * done)) / 2;
  return FLOOR + (1 - FLOOR) * falling;
}
