import { seededRandom } from '@pare/core';
import {
  packWeights,
  reluChwn,
  type SparsePattern,
  sparseConv2d,
  sparseDense,
  sparsePattern,
} from '@pare/tfjs/sparse-training';
import { momentumStepInPlace, softmaxCrossEntropy } from '@pare/tfjs/wasm-gradients';
import * as tf from '@tensorflow/tfjs-core';
import type { Contest, Side } from './measure.ts';
import { examples, learningRate, lenet5, momentum, ourStep, startBackend, variables } from './training.ts';

/** Shares of kept weights in conv1, conv2, ip1 and ip2 of a LeNet-5 of which one weight in 75 is left. */
const DENSITIES = [0.25, 0.05, 0.01, 0.08] as const;

/** Training steps on a pruned LeNet-5: through the kept weights only, against all of them under a mask. */
export async function sparseTrainingContests(): Promise<Contest[]> {
  await startBackend();
  return [contest(64, 5), contest(128, 3)];
}

function contest(batch: number, runsPerRound: number): Contest {
  const { images, labels } = examples(lenet5, batch);
  const random = seededRandom(1);
  const masks = lenet5.shapes.map((shape, i) => {
    if (shape.length === 1) return undefined; // biases stay whole
    const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () =>
      random.float() < DENSITIES[i >> 1]! ? 1 : 0,
    );
    return tf.tensor(values, [...shape]);
  });
  return {
    name: `LeNet-5 step, ${DENSITIES.join('/')} kept, batch ${batch}`,
    peer: 'the dense kernels of @pare/tfjs/wasm-gradients with masks in the optimiser',
    ours: sparseStep(images as tf.Tensor4D, labels, masks),
    theirs: ourStep(lenet5, images, labels, masks),
    runsPerRound,
    must: 5,
    goal: 10,
  };
}

function sparseStep(images: tf.Tensor4D, labels: tf.Tensor2D, masks: readonly (tf.Tensor | undefined)[]): Side {
  const patterns = masks.map((mask) => mask && patternOf(mask));
  const weights = variables(lenet5.shapes).map((weight, i) => {
    const pattern = patterns[i];
    return pattern ? tf.variable(tf.tensor1d(packWeights(pattern, turned(weight).dataSync()))) : weight;
  });
  const velocities = weights.map((weight) => tf.variable(tf.zerosLike(weight), false));
  const [conv1, , conv2, , ip1, , ip2] = patterns as SparsePattern[];
  const logits = () => {
    const [w1, b1, w2, b2, w3, b3, w4, b4] = weights as [tf.Variable, ...tf.Variable[]];
    const first = sparseConv2d(tf.transpose(images, [3, 1, 2, 0]), w1, conv1!, { bias: b1!, pool: 2 });
    const second = sparseConv2d(first, w2!, conv2!, { bias: b2!, pool: 2 });
    const third = reluChwn(sparseDense(tf.reshape(second, [800, images.shape[0]]), w3!, ip1!, b3!));
    return tf.transpose(sparseDense(third, w4!, ip2!, b4!));
  };
  return {
    enter() {},
    run: () =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => softmaxCrossEntropy(labels, logits()), weights);
        weights.forEach((weight, i) => {
          momentumStepInPlace(weight, velocities[i]!, grads[weight.name]!, { learningRate, momentum });
        });
        value.dataSync();
      }),
    leave() {},
  };
}

function patternOf(mask: tf.Tensor): SparsePattern {
  const turnedMask = turned(mask);
  return sparsePattern(turnedMask.dataSync(), turnedMask.shape);
}

/** tfjs's [R, S, C, K] and [C, K] turned into the house's [K, C, R, S] and [K, C]. */
const turned = (weight: tf.Tensor): tf.Tensor => tf.transpose(weight, weight.rank === 4 ? [3, 2, 0, 1] : [1, 0]);
