import type { Layer } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { convolveAtOnce, flat, operate, type WeightTensors } from './layer-operations.ts';

/** Where a caller takes part in what `logits` computes. Maps are `[N, H, W, C]`, the rest `[N, C]`. */
export interface LogitsOptions {
  /** May replace each input of a layer, for drop-out; that of a dense layer is flat already, in the house's order. */
  readonly before?: ((layer: Layer, x: tf.Tensor) => tf.Tensor) | undefined;
  /** May replace what a layer computed. */
  readonly after?: ((layer: Layer, y: tf.Tensor) => tf.Tensor) | undefined;
  /**
   * Whether gradients may be wanted; default true. Without, a convolution, its bias and the ReLU behind it are one operation (whose
   * gradient would always include that of its input), and neither `before` nor `after` sees what is between them.
   */
  readonly differentiable?: boolean;
}

/**
 * Computes a network's outputs, differentiably. What a layer computed is freed once its last user has run.
 *
 * A softmax that is the last layer is left out: the result is always logits.
 *
 * @param input - `[N, C, H, W]`
 * @returns logits `[N, classes]`
 * @throws RangeError if a layer is foreign, or a softmax is not the last layer, naming it
 */
export function logits(
  layers: readonly Layer[],
  weights: WeightTensors,
  input: tf.Tensor4D,
  options: LogitsOptions = {},
): tf.Tensor2D {
  const { before = (_layer, x) => x, after = (_layer, y) => y, differentiable = true } = options;
  checkSoftmaxIsLast('logits', layers);
  const users = usersOf(layers);
  const outputs = new Map<string, tf.Tensor>();
  const done = new Set<Layer>(); // ReLUs that were one operation with their convolution
  for (const [index, layer] of layers.entries()) {
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    const next = users.get(layer.name)!;
    const relu = layer.kind === 'conv2d' && !differentiable && next.length === 1 && next[0]!.kind === 'relu';
    if (relu) done.add(next[0]!);
    const output = tf.tidy(() => {
      if (layer.kind === 'input') return tf.transpose(input, [0, 2, 3, 1]); // maps are kept as tfjs wants them
      if (done.has(layer)) return tf.clone(inputs[0]!);
      const given = inputs.map((x) => before(layer, layer.kind === 'dense' ? flat(x) : x));
      const y =
        layer.kind === 'conv2d' && !differentiable
          ? convolveAtOnce(layer, weights, given[0] as tf.Tensor4D, relu)
          : operate(layer, weights, given);
      return after(layer, y);
    });
    outputs.set(layer.name, output);
    for (const name of layer.inputs) if (users.get(name)!.at(-1) === layer) outputs.get(name)!.dispose();
    if (next.length === 0 && index < layers.length - 1) output.dispose(); // nobody asks for it
  }
  const last = outputs.get(layers.at(-1)!.name)!;
  const rows = flat(last);
  if (rows !== last) last.dispose();
  return rows as tf.Tensor2D;
}

/** Who takes each layer's output, in order. */
function usersOf(layers: readonly Layer[]): ReadonlyMap<string, readonly Layer[]> {
  const users = new Map<string, Layer[]>();
  for (const layer of layers) {
    users.set(layer.name, []);
    for (const name of new Set(layer.inputs)) users.get(name)!.push(layer);
  }
  return users;
}

/**
 * Checks that leaving out softmax changes nothing but the last step from logits to probabilities.
 *
 * @throws RangeError if another layer comes after a softmax, naming the softmax
 */
export function checkSoftmaxIsLast(what: string, layers: readonly Layer[]): void {
  const index = layers.findIndex(({ kind }) => kind === 'softmax');
  if (index < 0 || index === layers.length - 1) return;
  throw new RangeError(
    `${what}: softmax "${layers[index]!.name}" expected to be the last layer, got "${layers[index + 1]!.name}" after it`,
  );
}
