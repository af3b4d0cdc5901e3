import type { Model, Parametrization, StageContext } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { drawLabel } from './draw-label.ts';
import { batches, type Examples, inputBatch, oneHot } from './examples.ts';
import { classesOf, preprocessOf } from './network-inputs.ts';
import { TEMPERATURE } from './train-epoch.ts';
import { trainedNetwork } from './trained-network.ts';
import { softmaxCrossEntropy } from './wasm-gradients.ts';

/** Batches from which the Fisher information is estimated: a mean of 60 squares is off by about √(2/60), 18 % of itself. */
const FISHER_BATCHES = 60;
const FISHER_BATCH_SIZE = 64;

/**
 * F_i = E[(∂ log p(y | x) / ∂w_i)²], x from the training examples, y drawn from the network's own answers at the temperature of
 * distillation. Gradients of single examples have mean zero then, so that B · (gradient of a mean of B)² has the same mean.
 */
export async function fisher(
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
        const probabilities = tf.tidy(() => tf.softmax(given()).dataSync<'float32'>());
        const labels = Uint32Array.from(chosen, (_, n) =>
          drawLabel(probabilities.subarray(n * classes, (n + 1) * classes), 1, answer),
        );
        const drawn = oneHot(labels, classes);
        const { grads } = tf.variableGrads(() => softmaxCrossEntropy(drawn, given()), network.variables);
        network.addSquares(grads, chosen.length);
      });
    }
    return network.squares(1 / Math.min(count, FISHER_BATCHES));
  } finally {
    network.dispose();
  }
}
