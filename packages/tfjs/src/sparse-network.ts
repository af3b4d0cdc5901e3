import type { Conv2dLayer, Layer, PoolLayer } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkSoftmaxIsLast } from './network.ts';
import { LARGEST_WINDOW } from './sparse-training/max-pool-chwn.ts';
import { maxPoolChwn, reluChwn, type SparsePattern, sparseConv2d, sparseDense } from './sparse-training.ts';

/** A weight in a sparse network: its pattern, and the packed numbers that it keeps, `[count]`. */
export interface SparseWeight {
  readonly pattern: SparsePattern;
  readonly kept: tf.Tensor;
}

/**
 * Says whether `sparseLogits` can compute these layers: one chain of convolutions without groups or dilation and with even padding
 * and stride, whole max-pools of windows that the kernels can count, ReLU and dense layers.
 */
export function isSparseCapable(layers: readonly Layer[]): boolean {
  return layers.every((layer, i) => {
    if (layer.inputs.length > 1 || (i > 0 && layer.inputs[0] !== layers[i - 1]!.name)) return false;
    switch (layer.kind) {
      case 'conv2d': {
        const { groups, stride, padding, dilation = [1, 1] } = layer;
        const isPlain = groups === 1 && dilation.every((step) => step === 1);
        return isPlain && stride[0] === stride[1] && new Set(padding).size === 1;
      }
      case 'pool': {
        const isWhole = !layer.padding.some(Boolean) && layer.rounding === 'floor';
        return layer.mode === 'max' && isSquare(layer) && isWhole && layer.size[0] <= LARGEST_WINDOW;
      }
      case 'input':
      case 'dense':
      case 'relu':
      case 'flatten':
      case 'softmax':
        return true;
      default:
        return false;
    }
  });
}

/**
 * Computes a network's outputs through its kept weights only, differentiably in them. Differs from `logits` in that the
 * batch is the innermost axis throughout, so that every kept weight is one long vector operation.
 *
 * @param kernel - gives a convolution's or dense layer's kernel
 * @param bias - gives a bias, `[K]`
 * @param input - `[C, H, W, N]`
 * @param beforeLayer - may replace a layer's input, for drop-out
 * @returns logits `[N, classes]`
 * @throws RangeError if a softmax is not the last layer, naming it
 */
export function sparseLogits(
  layers: readonly Layer[],
  kernel: (name: string) => SparseWeight,
  bias: (name: string) => tf.Tensor,
  input: tf.Tensor4D,
  beforeLayer: (layer: Layer, x: tf.Tensor) => tf.Tensor = (_layer, x) => x,
): tf.Tensor2D {
  checkSoftmaxIsLast('sparseLogits', layers);
  let x: tf.Tensor = input;
  for (let i = 0; i < layers.length; i++) {
    const layer = layers[i]!;
    x = beforeLayer(layer, x);
    switch (layer.kind) {
      case 'conv2d': {
        const { kept, pattern } = kernel(layer.kernel);
        const pool = fusiblePool(layer, layers[i + 1]);
        x = sparseConv2d(x, kept, pattern, {
          stride: layer.stride[0],
          padding: layer.padding[0],
          ...(layer.bias !== undefined && { bias: bias(layer.bias) }),
          ...(pool && { pool: pool.size[0] }),
        });
        if (pool) i++;
        break;
      }
      case 'dense': {
        const { kept, pattern } = kernel(layer.kernel);
        x = sparseDense(flat(x), kept, pattern, layer.bias === undefined ? undefined : bias(layer.bias));
        break;
      }
      case 'pool':
        x = maxPoolChwn(x, layer.size[0], layer.stride[0]);
        break;
      case 'relu':
        x = reluChwn(x);
        break;
      case 'flatten':
        x = flat(x);
        break;
      case 'input':
      case 'softmax':
        break; // the input as it comes; a softmax, which is the last layer, is left out
      default:
        throw new Error(`bug: sparseLogits: layer "${layer.name}" is of the kind "${layer.kind}"`);
    }
  }
  return tf.transpose(x as tf.Tensor2D);
}

const isSquare = ({ size, stride }: PoolLayer): boolean => size[0] === size[1] && stride[0] === stride[1];

/** `[C, H, W, N]` → `[C·H·W, N]`: the house's order already. */
const flat = (x: tf.Tensor): tf.Tensor => (x.rank === 4 ? tf.reshape(x, [-1, x.shape[3]!]) : x);

/** The pool that follows, if its windows lie side by side: the convolution then never stores its own output. */
function fusiblePool(layer: Conv2dLayer, next: Layer | undefined): PoolLayer | undefined {
  return next?.kind === 'pool' && next.inputs[0] === layer.name && next.size[0] === next.stride[0] ? next : undefined;
}
