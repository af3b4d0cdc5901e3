import { elementCount, type Layer, type Shape } from '@pare/core';
import {
  type CostTable,
  type KernelName,
  type Kernels,
  type Prepared,
  type PreparedLayer,
  plainLrn,
  prepareConvolution,
  prepareVector,
  type WeightForm,
} from '@pare/sparse-kernels';
import { activationOf } from './activations.ts';
import { checkFinite } from './network-input.ts';
import { concatOffsets, type Place, type Step } from './plan-network.ts';
import { formValues } from './weight-form.ts';

/** Gives a weight, by name. */
export type WeightForms = (name: string) => WeightForm;

/** What may be said about how steps are run. */
export interface StepOptions {
  /** What kernels cost on this machine; default: as measured on ours. */
  readonly costs?: CostTable | undefined;
}

/** A step whose weights are in the memory of the kernels. */
export interface PreparedStep {
  /** The kernel that was chosen, where there is a choice. */
  readonly kernel?: KernelName;
  /** Bytes of weights, and of what says where they belong, that a run reads. */
  readonly readBytes: number;
  /** Bytes that a run needs for itself. */
  readonly scratchBytes: number;
  /** @param base - address of the memory for activations */
  run(base: number, scratch: number): void;
}

/** Makes a step ready to run, with the kernel that its shape and density call for. */
export function prepareStep(
  kernels: Kernels,
  step: Step,
  weights: WeightForms,
  { costs }: StepOptions = {},
): PreparedStep {
  const { layer, inputs, least, most } = step;
  const numbers: WeightValues = (name) => formValues(weights(name));
  switch (layer.kind) {
    case 'conv2d': {
      const bias = layer.bias === undefined ? undefined : numbers(layer.bias);
      const [channels = 0, height = 0, width = 0] = inputs[0]!.shape;
      const shape = { ...layer, channels, height, width };
      return placed(step, prepareConvolution(kernels, weights(layer.kernel), shape, { bias, least, most, costs }));
    }
    case 'dense': {
      const bias = layer.bias === undefined ? undefined : numbers(layer.bias);
      const columns = elementCount(inputs[0]!.shape);
      return placed(
        step,
        prepareVector(kernels, weights(layer.kernel), layer.units, columns, { bias, least, most, costs }),
      );
    }
    case 'pool':
      return placed(step, pool(kernels, layer, inputs[0]!.shape, step.output.shape));
    case 'batchnorm':
      return batchnorm(kernels, step, layer, numbers);
    default:
      return { readBytes: 0, ...withoutWeights(kernels, step, layer) };
  }
}

type WeightValues = (name: string) => Float32Array;

function placed({ inputs, output }: Step, { run, ...sizes }: PreparedLayer | Prepared): PreparedStep {
  const [input] = inputs;
  return { ...sizes, run: (base, scratch) => run(base + input!.offset, base + output.offset, scratch) };
}

function pool(
  kernels: Kernels,
  { size, stride, padding, mode }: Layer & { readonly kind: 'pool' },
  [channels = 0, height = 0, width = 0]: Shape,
  [, rows = 0, columns = 0]: Shape,
): Prepared {
  const ns = POOL_NS * channels * height * width;
  return kernels.inParts({ count: channels, ns }, ({ exports }, first, end) => ({
    weightBytes: 0,
    readBytes: 0,
    scratchBytes: 4 * width + 32,
    run(x, y, scratch) {
      exports.densePool(
        x + 4 * first * height * width,
        end - first,
        height,
        width,
        ...size,
        ...stride,
        padding[0],
        padding[2],
        Number(mode === 'average'),
        y + 4 * first * rows * columns,
        rows,
        columns,
        scratch,
      );
    },
  }));
}

/** For each input: what the first pool of SqueezeNet takes on our machine, about. */
const POOL_NS = 0.5;

/** y = x · a + b with a = gamma / √(variance + epsilon), b = beta − mean · a. */
function batchnorm(
  kernels: Kernels,
  step: Step,
  layer: Layer & { readonly kind: 'batchnorm' },
  weights: WeightValues,
): PreparedStep {
  const { inputs, output, least, most } = step;
  const [mean, variance] = [weights(layer.mean), weights(layer.variance)];
  const gamma = layer.gamma === undefined ? undefined : weights(layer.gamma);
  const beta = layer.beta === undefined ? undefined : weights(layer.beta);
  const scale = variance.map((value, c) => (gamma?.[c] ?? 1) / Math.sqrt(value + layer.epsilon));
  checkFinite(scale, layer.name, 'gamma / √(variance + epsilon)');
  const shift = mean.map((value, c) => (beta?.[c] ?? 0) - value * scale[c]!);
  const [a, b] = [kernels.place(scale), kernels.place(shift)];
  const [channels = 0, ...plane] = output.shape;
  return {
    readBytes: 8 * channels,
    scratchBytes: 0,
    run: (base) => {
      const [x, y] = [base + inputs[0]!.offset, base + output.offset];
      kernels.exports.denseScale(x, y, channels, elementCount(plane), a, b, least, most);
    },
  };
}

function withoutWeights(kernels: Kernels, step: Step, layer: Layer): Pick<PreparedStep, 'scratchBytes' | 'run'> {
  const { inputs, output, least, most } = step;
  const { exports } = kernels;
  const [input] = inputs;
  const [channels = 0, ...plane] = output.shape;
  const count = elementCount(output.shape);
  const numbers = (base: number, { offset, shape } = output): Float32Array =>
    kernels.float32(base + offset, elementCount(shape));
  const clip = (value: number): number => Math.min(Math.max(value, least), most);
  switch (layer.kind) {
    case 'add': {
      // In place it may be: what is added to comes first then.
      const inPlace = ({ offset }: Place): number => Number(offset === output.offset);
      const [first, ...others] = [...inputs].sort((a, b) => inPlace(b) - inPlace(a));
      return {
        scratchBytes: 0,
        run(base) {
          const y = base + output.offset;
          let x = base + first!.offset;
          if (others.length === 0) mapInto(numbers(base, first), clip, numbers(base));
          others.forEach(({ offset }, i) => {
            const isLast = i === others.length - 1;
            exports.denseAdd(x, base + offset, y, count, isLast ? least : -Infinity, isLast ? most : Infinity);
            x = y;
          });
        },
      };
    }
    case 'concat': {
      const offsets = concatOffsets(output, inputs);
      return {
        scratchBytes: 0,
        run(base) {
          inputs.forEach((from, i) => {
            const offset = offsets[i]!;
            if (from.offset !== offset) numbers(base, { offset, shape: from.shape }).set(numbers(base, from));
          });
        },
      };
    }
    case 'lrn': {
      const { size, alpha, beta, k } = layer;
      const each = elementCount(plane);
      return {
        scratchBytes: 0,
        run(base) {
          if (beta === 0.75) {
            const [x, y] = [base + input!.offset, base + output.offset];
            exports.denseLrn(x, y, channels, each, size, alpha / size, k);
          } else numbers(base).set(plainLrn(numbers(base, input), each, layer));
        },
      };
    }
    case 'softmax': {
      const each = elementCount(plane);
      return { scratchBytes: 0, run: (base) => softmax(numbers(base, input), each, numbers(base)) };
    }
    case 'relu':
      return { scratchBytes: 0, run: (base) => mapInto(numbers(base, input), clip, numbers(base)) };
    case 'activation': {
      const activate = activationOf(layer);
      return { scratchBytes: 0, run: (base) => mapInto(numbers(base, input), (x) => clip(activate(x)), numbers(base)) };
    }
    default:
      throw new Error(`bug: prepareStep: a step of kind "${layer.kind}"`);
  }
}

function mapInto(x: Float32Array, f: (value: number) => number, y: Float32Array): void {
  for (let i = 0; i < y.length; i++) y[i] = f(x[i]!);
}

/** y[c, p] = exp(x[c, p]) / Σ_c exp(x[c, p]), less the largest first. y may be x. */
function softmax(x: Float32Array, plane: number, y: Float32Array): void {
  for (let p = 0; p < plane; p++) {
    let largest = -Infinity;
    for (let i = p; i < x.length; i += plane) largest = Math.max(largest, x[i]!);
    let sum = 0;
    for (let i = p; i < x.length; i += plane) sum += y[i] = Math.exp(x[i]! - largest);
    for (let i = p; i < x.length; i += plane) y[i]! /= sum;
  }
}
