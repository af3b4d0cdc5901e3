import type { Conv2dLayer, DenseLayer, Layer, PoolLayer } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';

/** Gives the tensor of a weight by name, in the house's layout: conv `[K, C, R, S]`, dense `[K, C]`. */
export type WeightTensors = (name: string) => tf.Tensor;

/**
 * Computes a network's outputs, differentiably, out of unfused operations (whose gradients leave out what nobody asks for).
 *
 * A softmax that is the last layer is left out: the result is always logits.
 *
 * @param input - `[N, C, H, W]`
 * @param beforeLayer - may replace a layer's input, for drop-out
 * @returns logits `[N, classes]`
 * @throws RangeError if a layer is of a kind it cannot run, or a softmax is not the last layer, naming it
 */
export function logits(
  layers: readonly Layer[],
  weights: WeightTensors,
  input: tf.Tensor4D,
  beforeLayer: (layer: Layer, x: tf.Tensor) => tf.Tensor = (_layer, x) => x,
): tf.Tensor2D {
  checkSoftmaxIsLast('logits', layers);
  // Maps are kept as tfjs wants them, [N, H, W, C]; what is flat is in the house's order, [N, C·H·W].
  const outputs = new Map<string, tf.Tensor>();
  let last: tf.Tensor = input;
  for (const layer of layers) {
    const from = layer.inputs[0] === undefined ? undefined : outputs.get(layer.inputs[0]);
    const x = from && beforeLayer(layer, from);
    last = x ? apply(layer, weights, x) : tf.transpose(input, [0, 2, 3, 1]);
    outputs.set(layer.name, last);
  }
  return last as tf.Tensor2D;
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

function apply(layer: Layer, weights: WeightTensors, x: tf.Tensor): tf.Tensor {
  switch (layer.kind) {
    case 'conv2d':
      return convolve(layer, weights, x as tf.Tensor4D);
    case 'dense':
      return multiply(layer, weights, x);
    case 'pool':
      return pool(layer, x as tf.Tensor4D);
    case 'relu':
      return tf.relu(x);
    case 'flatten':
      return flat(x);
    case 'softmax':
      return x; // the last layer, see checkSoftmaxIsLast
    default:
      throw new RangeError(`logits: layer "${layer.name}" of kind "${layer.kind}" takes inputs, which it cannot here`);
  }
}

const flat = (x: tf.Tensor): tf.Tensor =>
  x.rank === 4 ? tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0]!, -1]) : x;

function convolve(layer: Conv2dLayer, weights: WeightTensors, x: tf.Tensor4D): tf.Tensor {
  const { groups, stride, padding } = layer;
  // [K, C, R, S] → [R, S, C, K]; the gradient comes back through the same transpose.
  const kernel: tf.Tensor4D = tf.transpose(weights(layer.kernel) as tf.Tensor4D, [2, 3, 1, 0]);
  const pad = explicit(padding);
  const one = (part: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(part, filter, [stride[0], stride[1]], pad);
  const y =
    groups === 1
      ? one(x, kernel)
      : tf.concat(
          tf
            .split(x, groups, 3)
            .map((part, g) => one(part as tf.Tensor4D, tf.split(kernel, groups, 3)[g] as tf.Tensor4D)),
          3,
        );
  return layer.bias === undefined ? y : tf.add(y, weights(layer.bias));
}

function multiply(layer: DenseLayer, weights: WeightTensors, x: tf.Tensor): tf.Tensor {
  const y = tf.matMul(flat(x), weights(layer.kernel), false, true); // x [N, C]  w [K, C]  y [N, K]
  return layer.bias === undefined ? y : tf.add(y, weights(layer.bias));
}

function pool(layer: PoolLayer, x: tf.Tensor4D): tf.Tensor {
  const { mode, size, stride, padding, outputShape } = layer;
  // Rows and columns that a last, partial window reaches beyond the padded input.
  const beyond = ([0, 1] as const).map((axis) => {
    const reach = (outputShape[axis + 1]! - 1) * stride[axis] + size[axis];
    return Math.max(0, reach - (x.shape[axis + 1]! + padding[2 * axis]! + padding[2 * axis + 1]!));
  });
  if (beyond[0] || beyond[1]) {
    if (mode === 'average') {
      throw new RangeError(
        `logits: average pool "${layer.name}" with partial windows is not supported; use rounding "floor"`,
      );
    }
    x = tf.pad(
      x,
      [
        [0, 0],
        [0, beyond[0]!],
        [0, beyond[1]!],
        [0, 0],
      ],
      Number.NEGATIVE_INFINITY,
    );
  }
  const operation: typeof tf.maxPool = mode === 'max' ? tf.maxPool : tf.avgPool;
  return operation(x, [...size], [...stride], explicit(padding));
}

function explicit([top, bottom, left, right]: readonly [number, number, number, number]):
  | 'valid'
  | tf.backend_util.ExplicitPadding {
  return top || bottom || left || right
    ? [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]
    : 'valid';
}
