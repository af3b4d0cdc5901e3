import {
  type Conv2dLayer,
  type DenseLayer,
  elementCount,
  type Layer,
  type Model,
  type PoolLayer,
  weightOf,
} from '@pare/core';
import { denseValues } from './forms.ts';

/**
 * Computes a network's output for one example in the plainest way, in double precision. Slow; for comparison only.
 *
 * Max pooling never chooses padding; average pooling divides by the cells of the window that lie within the image.
 *
 * @param input - one example, in the order of the input layer's `[C, H, W]`
 * @returns the output of the last layer
 */
export function referenceForward(model: Model, input: ArrayLike<number>): Float64Array {
  const outputs = new Map<string, { layer: Layer; values: Float64Array }>();
  let last: Float64Array = new Float64Array(0);
  for (const layer of model.layers) {
    const source = layer.inputs[0] === undefined ? undefined : outputs.get(layer.inputs[0]);
    last = source ? apply(model, layer, source.values, source.layer.outputShape) : Float64Array.from(input);
    outputs.set(layer.name, { layer, values: last });
  }
  return last;
}

function apply(model: Model, layer: Layer, x: Float64Array, shape: readonly number[]): Float64Array {
  switch (layer.kind) {
    case 'input':
    case 'flatten':
      return x;
    case 'relu':
      return x.map((value) => Math.max(0, value));
    case 'softmax': {
      const powers = x.map((value) => Math.exp(value - Math.max(...x)));
      const total = powers.reduce((sum, value) => sum + value, 0);
      return powers.map((value) => value / total);
    }
    case 'dense':
      return applyDense(model, layer, x);
    case 'conv2d':
      return applyConv(model, layer, x, shape);
    case 'pool':
      return applyPool(layer, x, shape);
  }
}

// x [C]  w [K, C]  y [K]
function applyDense(model: Model, layer: DenseLayer, x: Float64Array): Float64Array {
  const w = denseValues(weightOf(model, layer.kernel).form);
  const y = biasOf(model, layer, layer.units);
  for (let k = 0; k < y.length; k++) for (let c = 0; c < x.length; c++) y[k]! += w[k * x.length + c]! * x[c]!;
  return y;
}

// x [C, H, W]  w [K, C / groups, R, S]  y [K, OH, OW]
function applyConv(model: Model, layer: Conv2dLayer, x: Float64Array, [C, H, W]: readonly number[]): Float64Array {
  const w = denseValues(weightOf(model, layer.kernel).form);
  const bias = biasOf(model, layer, layer.filters);
  const [R, S] = layer.kernelSize;
  const [K, OH, OW] = layer.outputShape as [number, number, number];
  const perGroup = C! / layer.groups;
  const y = new Float64Array(elementCount(layer.outputShape));
  for (let k = 0; k < K; k++) {
    const first = Math.floor(k / (K / layer.groups)) * perGroup;
    for (let oh = 0; oh < OH; oh++) {
      for (let ow = 0; ow < OW; ow++) {
        let sum = bias[k]!;
        for (let c = 0; c < perGroup; c++) {
          for (let r = 0; r < R; r++) {
            for (let s = 0; s < S; s++) {
              const h = oh * layer.stride[0] + r - layer.padding[0];
              const v = ow * layer.stride[1] + s - layer.padding[2];
              if (h < 0 || v < 0 || h >= H! || v >= W!) continue;
              sum += w[((k * perGroup + c) * R + r) * S + s]! * x[((first + c) * H! + h) * W! + v]!;
            }
          }
        }
        y[(k * OH + oh) * OW + ow] = sum;
      }
    }
  }
  return y;
}

// x [C, H, W]  y [C, OH, OW]
function applyPool(layer: PoolLayer, x: Float64Array, [C, H, W]: readonly number[]): Float64Array {
  const [, OH, OW] = layer.outputShape as [number, number, number];
  const y = new Float64Array(elementCount(layer.outputShape));
  for (let c = 0; c < C!; c++) {
    for (let oh = 0; oh < OH; oh++) {
      for (let ow = 0; ow < OW; ow++) {
        const window: number[] = [];
        for (let r = 0; r < layer.size[0]; r++) {
          for (let s = 0; s < layer.size[1]; s++) {
            const h = oh * layer.stride[0] + r - layer.padding[0];
            const v = ow * layer.stride[1] + s - layer.padding[2];
            if (h >= 0 && v >= 0 && h < H! && v < W!) window.push(x[(c * H! + h) * W! + v]!);
          }
        }
        y[(c * OH + oh) * OW + ow] =
          layer.mode === 'max' ? Math.max(...window) : window.reduce((sum, value) => sum + value, 0) / window.length;
      }
    }
  }
  return y;
}

const biasOf = (model: Model, layer: DenseLayer | Conv2dLayer, length: number): Float64Array =>
  layer.bias === undefined
    ? new Float64Array(length)
    : Float64Array.from(denseValues(weightOf(model, layer.bias).form));
