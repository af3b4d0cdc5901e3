import {
  type ActivationLayer,
  type BatchnormLayer,
  type Conv2dLayer,
  type DenseLayer,
  elementCount,
  type Layer,
  type LrnLayer,
  type Model,
  type PoolLayer,
  type Shape,
  weightOf,
} from '@pare/core';
import { denseValues } from './forms.ts';

/**
 * Computes a network's output for one example in the plainest way, in double precision. For comparison, not for use.
 *
 * Max pooling never chooses padding; average pooling divides by the cells of the window that lie within the image.
 *
 * @param input - one example, in the order of the input layer's `[C, H, W]`
 * @returns the output of the last layer
 * @throws RangeError if a layer is foreign: nobody here knows what it computes
 */
export function referenceForward(model: Model, input: ArrayLike<number>): Float64Array {
  const outputs = new Map<string, Output>();
  let last: Float64Array = new Float64Array(0);
  for (const layer of model.layers) {
    const sources = layer.inputs.map((name) => outputs.get(name)!);
    last = sources.length > 0 ? apply(model, layer, sources) : Float64Array.from(input);
    outputs.set(layer.name, { shape: layer.outputShape, values: last });
  }
  return last;
}

interface Output {
  readonly shape: Shape;
  readonly values: Float64Array;
}

function apply(model: Model, layer: Layer, sources: readonly Output[]): Float64Array {
  const { values: x, shape } = sources[0]!;
  switch (layer.kind) {
    case 'input':
    case 'flatten':
      return x;
    case 'relu':
      return x.map((value) => Math.max(0, value));
    case 'activation':
      return x.map(activationOf(layer));
    case 'softmax': {
      const largest = x.reduce((a, b) => Math.max(a, b), -Infinity);
      const powers = x.map((value) => Math.exp(value - largest));
      const total = powers.reduce((sum, value) => sum + value, 0);
      return powers.map((value) => value / total);
    }
    case 'dense':
      return applyDense(model, layer, x);
    case 'conv2d':
      return applyConv(model, layer, x, shape);
    case 'pool':
      return applyPool(layer, x, shape);
    case 'lrn':
      return applyLrn(layer, x, shape);
    case 'batchnorm':
      return applyBatchnorm(model, layer, x, shape);
    case 'add':
      return x.map((value, i) => sources.slice(1).reduce((sum, source) => sum + source.values[i]!, value));
    case 'concat':
      // Channels come first: one input's lie behind the other's.
      return Float64Array.from(sources.flatMap(({ values }) => Array.from(values)));
    case 'foreign':
      throw new RangeError(`referenceForward: layer "${layer.name}" is foreign ("${layer.operation}"): cannot run it`);
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
function applyConv(model: Model, layer: Conv2dLayer, x: Float64Array, [C, H, W]: Shape): Float64Array {
  const w = denseValues(weightOf(model, layer.kernel).form);
  const bias = biasOf(model, layer, layer.filters);
  const { kernelSize, stride, padding, groups, dilation = [1, 1] } = layer;
  const [R, S] = kernelSize;
  const [K, OH, OW] = layer.outputShape as [number, number, number];
  const perGroup = C! / groups;
  const y = new Float64Array(K * OH * OW);
  for (let k = 0; k < K; k++) {
    y.fill(bias[k]!, k * OH * OW, (k + 1) * OH * OW);
    const first = Math.floor(k / (K / groups)) * perGroup;
    // One tap at a time over the whole map: each output still adds its products in the order c, r, s.
    for (let c = 0; c < perGroup; c++) {
      for (let r = 0; r < R; r++) {
        for (let s = 0; s < S; s++) {
          const tap = w[((k * perGroup + c) * R + r) * S + s]!;
          for (let oh = 0; oh < OH; oh++) {
            const h = oh * stride[0] + r * dilation[0] - padding[0];
            if (h < 0 || h >= H!) continue;
            const row = ((first + c) * H! + h) * W!;
            const out = (k * OH + oh) * OW;
            let v = s * dilation[1] - padding[2];
            for (let ow = 0; ow < OW; ow++, v += stride[1]) if (v >= 0 && v < W!) y[out + ow]! += tap * x[row + v]!;
          }
        }
      }
    }
  }
  return y;
}

// x [C, H, W]  y [C, OH, OW]
function applyPool(layer: PoolLayer, x: Float64Array, [C, H, W]: Shape): Float64Array {
  const { mode, size, stride, padding } = layer;
  const [, OH, OW] = layer.outputShape as [number, number, number];
  const y = new Float64Array(elementCount(layer.outputShape));
  for (let c = 0; c < C!; c++) {
    for (let oh = 0; oh < OH; oh++) {
      for (let ow = 0; ow < OW; ow++) {
        let largest = -Infinity;
        let sum = 0;
        let count = 0;
        for (let r = 0; r < size[0]; r++) {
          for (let s = 0; s < size[1]; s++) {
            const h = oh * stride[0] + r - padding[0];
            const v = ow * stride[1] + s - padding[2];
            if (h < 0 || v < 0 || h >= H! || v >= W!) continue;
            const value = x[(c * H! + h) * W! + v]!;
            largest = Math.max(largest, value);
            sum += value;
            count++;
          }
        }
        y[(c * OH + oh) * OW + ow] = mode === 'max' ? largest : sum / count;
      }
    }
  }
  return y;
}

// y_c = x_c / (k + alpha/size · Σ x²)^beta, the sum over `size` channels around c
function applyLrn({ size, alpha, beta, k }: LrnLayer, x: Float64Array, shape: Shape): Float64Array {
  const channels = shape[0]!;
  const area = x.length / channels;
  const half = (size - 1) / 2;
  return x.map((value, i) => {
    const at = Math.floor(i / area);
    let sum = 0;
    for (let c = Math.max(0, at - half); c <= Math.min(channels - 1, at + half); c++) {
      sum += x[c * area + (i % area)]! ** 2;
    }
    return value / (k + (alpha / size) * sum) ** beta;
  });
}

// y_c = gamma_c · (x_c − mean_c) / √(variance_c + epsilon) + beta_c
function applyBatchnorm(model: Model, layer: BatchnormLayer, x: Float64Array, shape: Shape): Float64Array {
  const numbers = (name: string | undefined, absent: number): Float32Array =>
    name === undefined ? new Float32Array(shape[0]!).fill(absent) : denseValues(weightOf(model, name).form);
  const gamma = numbers(layer.gamma, 1);
  const beta = numbers(layer.beta, 0);
  const mean = numbers(layer.mean, 0);
  const variance = numbers(layer.variance, 1);
  const area = x.length / shape[0]!;
  return x.map((value, i) => {
    const c = Math.floor(i / area);
    return (gamma[c]! * (value - mean[c]!)) / Math.sqrt(variance[c]! + layer.epsilon) + beta[c]!;
  });
}

function activationOf(layer: ActivationLayer): (x: number) => number {
  switch (layer.function) {
    case 'relu6':
      return relu6;
    case 'sigmoid':
      return sigmoid;
    case 'tanh':
      return Math.tanh;
    case 'elu':
      return (x) => (x > 0 ? x : (layer.alpha ?? 1) * Math.expm1(x));
    case 'leakyRelu':
      return (x) => (x > 0 ? x : (layer.alpha ?? 0.01) * x);
    case 'hardSigmoid':
      return (x) => Math.min(1, Math.max(0, (layer.alpha ?? 0.2) * x + 0.5));
    case 'hardSwish':
      return (x) => (x * relu6(x + 3)) / 6;
    case 'swish':
      return (x) => x * sigmoid(x);
    case 'gelu':
      return (x) => (x / 2) * (1 + errorFunction(x * Math.SQRT1_2));
  }
}

const relu6 = (x: number): number => Math.min(6, Math.max(0, x));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!: all terms of one sign; beyond 6 it is ±1 in double precision. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const biasOf = (model: Model, layer: DenseLayer | Conv2dLayer, length: number): Float64Array =>
  layer.bias === undefined
    ? new Float64Array(length)
    : Float64Array.from(denseValues(weightOf(model, layer.bias).form));
