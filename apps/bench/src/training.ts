import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import {
  installWasmGradients,
  momentumStepInPlace,
  softmaxCrossEntropy,
  type WasmGradients,
} from '@pare/tfjs/wasm-gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core's operations
import type { Contest, Side } from './measure.ts';

/** Training steps on tfjs's wasm backend: our kernels against the stock ones, same network, batch, loss and optimiser. */
export async function trainingContests(): Promise<Contest[]> {
  await startBackend();
  const stock = 'stock tfjs-wasm 4.22.0: variableGrads, losses.softmaxCrossEntropy, train.momentum';
  const stockWithFilter = `${stock}; the missing Conv2DBackpropFilter composed of one stock conv2d`;
  return [
    contest('LeNet-300-100 step, batch 64', stock, lenet300, 64, 20, 2.5, 4),
    contest('LeNet-300-100 step, batch 256', stock, lenet300, 256, 8, null, null),
    contest('LeNet-5 step, batch 64', stockWithFilter, lenet5, 64, 3, 3.5, null),
    contest('LeNet-5 step, batch 256', stockWithFilter, lenet5, 256, 1, null, null),
  ];
}

/** Starts tfjs's wasm backend with its stock kernels. */
export async function startBackend(): Promise<void> {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
}

function contest(
  name: string,
  peer: string,
  network: Network,
  batch: number,
  runsPerRound: number,
  must: number | null,
  goal: number | null,
): Contest {
  const { images, labels } = examples(network, batch);
  return {
    name,
    peer,
    ours: ourStep(network, images, labels),
    theirs: stockStep(network, images, labels),
    runsPerRound,
    must,
    goal,
  };
}

/** A batch of noise, each class as often as the others. */
export function examples({ input }: Network, batch: number): { images: tf.Tensor; labels: tf.Tensor2D } {
  const answers = Array.from({ length: batch }, (_, index) => index % 10);
  return { images: tf.randomUniform([batch, ...input], 0, 1, 'float32', 1), labels: oneHot(answers, 10) };
}

/** Not tf.oneHot: asked for float32 it writes integers, which read as floats are 1.4e-45, and denormal numbers are slow. */
const oneHot = (answers: readonly number[], classes: number): tf.Tensor2D =>
  tf.tensor2d(answers.map((answer) => Array.from({ length: classes }, (_, index) => (index === answer ? 1 : 0))));

// The steps of both sides. Rate and momentum do not matter for the speed; they keep the numbers finite.
export const learningRate = 0.01;
export const momentum = 0.9;

/** @param masks - of pruned weights, in the order of `shapes` */
export function ourStep(
  { shapes, logits }: Network,
  images: tf.Tensor,
  labels: tf.Tensor,
  masks: readonly (tf.Tensor | undefined)[] = [],
): Side {
  const weights = variables(shapes);
  const velocities = shapes.map((shape) => tf.variable(tf.zeros([...shape]), false));
  let kernels: WasmGradients | undefined;
  return {
    enter: () => {
      kernels = installWasmGradients();
    },
    run: () =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => softmaxCrossEntropy(labels, logits(images, weights)), weights);
        weights.forEach((weight, i) => {
          const options = { learningRate, momentum, mask: masks[i] };
          momentumStepInPlace(weight, velocities[i]!, grads[weight.name]!, options);
        });
        value.dataSync();
      }),
    leave: () => kernels?.uninstall(),
  };
}

function stockStep({ shapes, logits }: Network, images: tf.Tensor, labels: tf.Tensor): Side {
  const weights = variables(shapes);
  const optimizer = tf.train.momentum(learningRate, momentum);
  return {
    enter: () => tf.registerKernel(composedFilterGradient),
    run: () =>
      tf.tidy(() => {
        const loss = (): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, logits(images, weights));
        const { value, grads } = tf.variableGrads(loss, weights);
        optimizer.applyGradients(grads as Record<string, tf.Variable>); // tfjs asks for variables and takes tensors
        value.dataSync();
      }),
    leave: () => tf.unregisterKernel('Conv2DBackpropFilter', 'wasm'),
  };
}

/**
 * The filter gradient of a valid convolution of stride 1 with one stock convolution, in which batch and channels have
 * exchanged their parts. Of the compositions a user would think of it is the fast one: summing a product for every tap of
 * the window takes 3 to 7 times as long.
 */
const composedFilterGradient: tf.KernelConfig = {
  kernelName: 'Conv2DBackpropFilter',
  backendName: 'wasm',
  kernelFunc: ({ inputs }) =>
    tf.tidy(() => {
      const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const image = tf.transpose(x, [3, 1, 2, 0]);
      const filter = tf.transpose(dy, [1, 2, 0, 3]);
      return tf.transpose(tf.conv2d(image, filter, 1, 'valid'), [1, 2, 0, 3]);
    }),
};

/** A network as its input, the shapes of its weights, and a function from images and weights to logits. */
export interface Network {
  readonly input: readonly number[];
  readonly shapes: readonly (readonly number[])[];
  logits(images: tf.Tensor, weights: readonly tf.Variable[]): tf.Tensor2D;
}

const dense = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor2D =>
  tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), b);

const convolution = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor4D =>
  tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'valid'), b);

/** LeCun et al. 1998, section III: 784–300–100–10, here with ReLU. */
const lenet300: Network = {
  input: [784],
  shapes: [[784, 300], [300], [300, 100], [100], [100, 10], [10]],
  logits(images, [w1, b1, w2, b2, w3, b3]) {
    const first = tf.relu(dense(images, w1!, b1!));
    const second = tf.relu(dense(first, w2!, b2!));
    return dense(second, w3!, b3!);
  },
};

/** LeNet-5 as Caffe ships it: two convolutions 5×5 of 20 and 50 filters, each pooled by 2, then 800–500–10. */
export const lenet5: Network = {
  input: [28, 28, 1],
  shapes: [[5, 5, 1, 20], [20], [5, 5, 20, 50], [50], [800, 500], [500], [500, 10], [10]],
  logits(images, [w1, b1, w2, b2, w3, b3, w4, b4]) {
    const first = tf.maxPool(convolution(images, w1!, b1!), 2, 2, 'valid');
    const second = tf.maxPool(convolution(first, w2!, b2!), 2, 2, 'valid');
    const third = tf.relu(dense(tf.reshape(second, [images.shape[0]!, 800]), w3!, b3!));
    return dense(third, w4!, b4!);
  },
};

/** Weights scaled as by He et al. 2015 (√(2 / inputs)), so that activations neither vanish nor grow. */
export function variables(shapes: Network['shapes']): tf.Variable[] {
  return shapes.map((shape, index) => {
    const inputs = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const values =
      shape.length === 1
        ? tf.zeros([...shape])
        : tf.randomNormal([...shape], 0, Math.sqrt(2 / inputs), 'float32', index + 1);
    return tf.variable(values);
  });
}
