import type { Layer, Random } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { drawLabel } from '../draw-label.ts';
import { oneHot } from '../examples.ts';
import { softmaxCrossEntropy } from '../wasm-gradients.ts';

/** Collects squared gradients of layers' outputs, by layer's name. */
export type SquaredGradients = Map<
  string,
  {
    /** Σ_{examples, positions} (∂ℓ/∂y_k)² */
    readonly fisher: Float64Array;
    /** Σ_examples (Σ_positions ∂ℓ/∂y_k)² */
    readonly coherence: Float64Array;
  }
>;

/**
 * Adds squares of ∂ℓ/∂y_k to what is collected of each layer, ℓ = −log p(label) of an example, its label drawn from the
 * network's own answer to it.
 *
 * Examples do not meet in the network, so the gradient of the sum of their ℓ is each one's own gradient.
 *
 * @param answer - computes logits `[N, classes]`, with every layer's output handed through its argument
 * @param wanted - layers whose outputs are looked at
 * @param randoms - of each example, N
 */
export function addSquaredGradients(
  answer: (after: (layer: Layer, y: tf.Tensor) => tf.Tensor) => tf.Tensor2D,
  wanted: ReadonlySet<Layer>,
  randoms: readonly Random[],
  squares: SquaredGradients,
): void {
  tf.tidy(() => {
    // A number that every wanted output depends on by nothing: its gradient asks for theirs, and for no layer's before them.
    const root = tf.scalar(0);
    const loss = (probe: tf.Tensor): tf.Scalar => {
      const logits = answer((layer, y) => (wanted.has(layer) ? watched(y, probe, (dy) => add(layer, dy)) : y));
      const labels = drawLabels(logits.dataSync<'float32'>(), logits.shape[1], randoms);
      return tf.mul(softmaxCrossEntropy(labels, logits), randoms.length) as tf.Scalar; // the sum, not the mean
    };
    tf.grad(loss)(root);
  });
  function add({ name }: Layer, dy: tf.Tensor): void {
    const axes = dy.shape.slice(0, -1).map((_, axis) => axis);
    const each = tf.sum(tf.square(dy), axes).dataSync<'float32'>();
    const together = tf.sum(tf.square(dy.rank > 2 ? tf.sum(dy, axes.slice(1)) : dy), 0).dataSync<'float32'>();
    const total = squares.get(name) ?? {
      fisher: new Float64Array(each.length),
      coherence: new Float64Array(each.length),
    };
    squares.set(name, total);
    for (let k = 0; k < each.length; k++) {
      total.fisher[k]! += each[k]!;
      total.coherence[k]! += together[k]!;
    }
  }
}

/** y as it is, whose gradient is seen on its way back. */
function watched(y: tf.Tensor, probe: tf.Tensor, see: (dy: tf.Tensor) => void): tf.Tensor {
  const watch = tf.customGrad((given, _probe) => ({
    value: tf.clone(given as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      see(dy);
      return [dy, tf.scalar(0)];
    },
  }));
  return watch(y, probe);
}

/** For each row of logits one class, drawn by their softmax, one-hot. */
function drawLabels(logits: Float32Array, classes: number, randoms: readonly Random[]): tf.Tensor2D {
  const labels = Uint32Array.from(randoms, (random, n) => {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const powers = Float64Array.from(row, (value) => Math.exp(value - largest));
    const total = powers.reduce((a, b) => a + b);
    return drawLabel(powers, total, random);
  });
  return oneHot(labels, classes);
}
