import type { ActivationLayer, BatchnormLayer, Conv2dLayer, DenseLayer, Layer, PoolLayer } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';

/** Gives the tensor of a weight by name, in the house's layout: conv `[K, C, R, S]`, dense `[K, C]`. */
export type WeightTensors = (name: string) => tf.Tensor;

/**
 * Computes one layer, differentiably, out of unfused operations (whose gradients leave out what nobody asks for).
 *
 * Batch normalisation takes its mean and variance as they are. An average pool divides by the cells of the input that a
 * window covers, neither padding nor what a partial window lacks. A softmax is left out.
 *
 * @param inputs - maps `[N, H, W, C]`, the rest `[N, C]`; a dense layer's is flat
 * @returns the same, as a tensor of its own
 * @throws RangeError if the layer is foreign, naming it
 */
export function operate(layer: Layer, weights: WeightTensors, inputs: readonly tf.Tensor[]): tf.Tensor {
  const x = inputs[0]!;
  switch (layer.kind) {
    case 'conv2d':
      return convolve(layer, weights, x as tf.Tensor4D);
    case 'dense':
      return multiply(layer, weights, x as tf.Tensor2D);
    case 'pool':
      return layer.mode === 'max' ? maxPool(layer, x as tf.Tensor4D) : averagePool(layer, x as tf.Tensor4D);
    case 'relu':
      return rectify(x);
    case 'activation':
      return activate(layer, x);
    case 'lrn':
      // tfjs does not divide the sum by the number of its terms.
      return tf.localResponseNormalization(
        x as tf.Tensor4D,
        (layer.size - 1) / 2,
        layer.k,
        layer.alpha / layer.size,
        layer.beta,
      );
    case 'batchnorm':
      return normalise(layer, weights, x);
    case 'add':
      return tf.addN([...inputs]);
    case 'concat':
      return join(inputs);
    case 'flatten':
      return x.rank === 4 ? flat(x) : tf.clone(x);
    case 'softmax':
      return tf.clone(x);
    case 'foreign':
      throw new RangeError(`logits: layer "${layer.name}" is foreign (${layer.operation}) and cannot be run here`);
    case 'input':
      throw new Error(`bug: operate: "${layer.name}" is an input and computes nothing`);
  }
}

/** `[N, H, W, C]` → `[N, C·H·W]`; what is flat stays as it is, the same tensor. */
export const flat = (x: tf.Tensor): tf.Tensor =>
  x.rank === 4 ? tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0]!, -1]) : x;

/** A convolution with its bias, and ReLU if asked for, as one operation where tfjs has it: for use without gradients. */
export function convolveAtOnce(layer: Conv2dLayer, weights: WeightTensors, x: tf.Tensor4D, relu: boolean): tf.Tensor {
  const { groups, stride, padding, bias, dilation = [1, 1] } = layer;
  // Few channels (an image) go faster through the unfused operation, see wasm-gradients/simd-convolution.ts.
  if (groups > 1 || x.shape[3] <= 4 || dilation.some((step) => step > 1)) {
    const y = convolve(layer, weights, x);
    return relu ? tf.relu(y) : y;
  }
  return tf.fused.conv2d({
    x,
    filter: filterOf(layer, weights),
    strides: [...stride],
    pad: explicit(padding),
    ...(bias !== undefined && { bias: weights(bias) }),
    ...(relu && { activation: 'relu' }),
  });
}

function convolve(layer: Conv2dLayer, weights: WeightTensors, x: tf.Tensor4D): tf.Tensor {
  const { groups, stride, padding, bias, filters } = layer;
  const pad = explicit(padding);
  const kernel = spread(filterOf(layer, weights), layer.dilation);
  const one = (part: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D => tf.conv2d(part, filter, [...stride], pad);
  let y: tf.Tensor;
  if (groups === 1) y = one(x, kernel);
  else if (groups === x.shape[3] && stride[0] === stride[1]) {
    // [R, S, 1, K] → [R, S, C, K / C]: filter k belongs to channel ⌊k / (K / C)⌋.
    const [rows, columns] = kernel.shape;
    const byChannel = tf.reshape(kernel, [rows, columns, groups, filters / groups]) as tf.Tensor4D;
    y = tf.depthwiseConv2d(x, byChannel, [...stride], pad);
  } else {
    const kernels = tf.split(kernel, groups, 3);
    y = tf.concat(
      tf.split(x, groups, 3).map((part, g) => one(part as tf.Tensor4D, kernels[g] as tf.Tensor4D)),
      3,
    );
  }
  return bias === undefined ? y : addBias(y, weights(bias));
}

/** [K, C, R, S] → [R, S, C, K]; the gradient comes back through the same transpose. */
const filterOf = ({ kernel }: Conv2dLayer, weights: WeightTensors): tf.Tensor4D =>
  tf.transpose(weights(kernel) as tf.Tensor4D, [2, 3, 1, 0]);

/** Puts zeros between the taps of a filter [R, S, C, K], since tfjs has no gradient for dilated convolutions. */
function spread(filter: tf.Tensor4D, [down, across]: readonly [number, number] = [1, 1]): tf.Tensor4D {
  const spreadAxis = (x: tf.Tensor4D, axis: 0 | 1, step: number): tf.Tensor4D => {
    const count = x.shape[axis];
    if (step === 1 || count === 1) return x;
    const parts = tf.split(x, count, axis) as tf.Tensor4D[];
    const gap = parts[0]!.shape.slice() as [number, number, number, number];
    gap[axis] = step - 1;
    const zeros = tf.zeros<tf.Rank.R4>(gap);
    return tf.concat(
      parts.flatMap((part, i) => (i === 0 ? [part] : [zeros, part])),
      axis,
    );
  };
  return spreadAxis(spreadAxis(filter, 0, down), 1, across);
}

function multiply(layer: DenseLayer, weights: WeightTensors, x: tf.Tensor2D): tf.Tensor {
  const y = tf.matMul(x, weights(layer.kernel), false, true); // x [N, C]  w [K, C]  y [N, K]
  return layer.bias === undefined ? y : addBias(y, weights(layer.bias));
}

// tfjs's own gradients of the next three keep inputs that they do not need, often only for their shapes. In a network of many
// convolutions that is most of the memory that training takes.

/** y[…, k] = x[…, k] + bias[k]. The gradient reaches a bias that is a variable, and no other. */
function addBias(x: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  if (!(bias instanceof tf.Variable)) {
    return tf.customGrad((y) => ({ value: tf.add(y as tf.Tensor, bias), gradFunc: (dy: tf.Tensor) => tf.clone(dy) }))(
      x,
    );
  }
  return tf.customGrad((y, b) => ({
    value: tf.add(y as tf.Tensor, b as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [tf.clone(dy), tf.sum(dy, axes)],
  }))(x, bias);
}

/** y = max(x, 0), whose gradient asks y where x was above 0. */
const rectify = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((given, save) => {
    const y = tf.relu(given as tf.Tensor);
    (save as (tensors: tf.Tensor[]) => void)([y]); // tfjs types both as any number of tensors
    return { value: y, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.step(saved!)) };
  })(x);

/** Inputs one behind the other along the channels. */
function join(inputs: readonly tf.Tensor[]): tf.Tensor {
  const axis = inputs[0]!.rank - 1;
  const channels = inputs.map(({ shape }) => shape[axis]!);
  return tf.customGrad((...given) => ({
    value: tf.concat(given.slice(0, inputs.length) as tf.Tensor[], axis), // tfjs hands over its way of saving last
    gradFunc: (dy: tf.Tensor) => tf.split(dy, channels, axis),
  }))(...inputs);
}

function maxPool(layer: PoolLayer, x: tf.Tensor4D): tf.Tensor {
  // What is added never wins: tfjs looks only at the cells there are.
  return tf.maxPool(x, [...layer.size], [...layer.stride], explicit(coveredBy(layer, x)));
}

function averagePool(layer: PoolLayer, x: tf.Tensor4D): tf.Tensor {
  const { size, stride, padding, outputShape } = layer;
  const [, rows = 1, columns = 1] = outputShape;
  const [, height, width] = x.shape;
  const covered = coveredBy(layer, x);
  const whole = covered.every((added) => added === 0);
  if (whole && rows === 1 && columns === 1 && size[0] === height && size[1] === width) return tf.mean(x, [1, 2], true);
  if (whole) return tf.avgPool(x, [...size], [...stride], 'valid');
  // tfjs has the right averages for windows with fewer cells, but not their gradient: hence sums over zeros, and a factor.
  const margins = explicit(covered) as tf.backend_util.ExplicitPadding;
  const averages = tf.avgPool(tf.pad(x, margins), [...size], [...stride], 'valid');
  const down = cellsSeen(rows, size[0], stride[0], padding[0], height);
  const across = cellsSeen(columns, size[1], stride[1], padding[2], width);
  const factors = down.flatMap((r) => across.map((s) => (size[0] * size[1]) / Math.max(1, r * s)));
  return tf.mul(averages, tf.tensor4d(factors, [1, rows, columns, 1]));
}

/** How many cells of the input each window covers along one axis. */
const cellsSeen = (count: number, size: number, stride: number, before: number, length: number): number[] =>
  Array.from({ length: count }, (_, i) => {
    const start = i * stride - before;
    return Math.max(0, Math.min(start + size, length) - Math.max(start, 0));
  });

/** A pool's padding and what its last, partial windows reach beyond it: `[top, bottom, left, right]`. */
function coveredBy(layer: PoolLayer, x: tf.Tensor4D): [number, number, number, number] {
  const { size, stride, padding, outputShape } = layer;
  const end = ([0, 1] as const).map((axis) => {
    const reach = (outputShape[axis + 1]! - 1) * stride[axis] + size[axis];
    const before = padding[2 * axis]!;
    return Math.max(padding[2 * axis + 1]!, reach - before - x.shape[axis + 1]!);
  });
  return [padding[0], end[0]!, padding[2], end[1]!];
}

/** y = x · a + b with a = gamma / √(variance + epsilon), b = beta − mean · a. */
function normalise(layer: BatchnormLayer, weights: WeightTensors, x: tf.Tensor): tf.Tensor {
  const deviation = tf.rsqrt(tf.add(weights(layer.variance), layer.epsilon));
  const a = layer.gamma === undefined ? deviation : tf.mul(weights(layer.gamma), deviation);
  const shift = tf.mul(weights(layer.mean), a);
  const b = layer.beta === undefined ? tf.neg(shift) : tf.sub(weights(layer.beta), shift);
  return tf.add(tf.mul(x, a), b);
}

function activate({ function: name, alpha }: ActivationLayer, x: tf.Tensor): tf.Tensor {
  switch (name) {
    case 'relu6':
      return tf.relu6(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'tanh':
      return tf.tanh(x);
    case 'elu':
      // Both parts are never other than 0 together.
      return alpha === undefined || alpha === 1
        ? tf.elu(x)
        : tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), alpha));
    case 'leakyRelu':
      return tf.leakyRelu(x, alpha ?? 0.01);
    case 'hardSigmoid':
      return tf.clipByValue(tf.add(tf.mul(x, alpha ?? 0.2), 0.5), 0, 1);
    case 'hardSwish':
      return tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6));
    case 'swish':
      return tf.mul(x, tf.sigmoid(x));
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  }
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
