import {
  elementCount,
  type Form,
  type Layer,
  type Model,
  mapWeights,
  type Parametrization,
  parametrizationOf,
  placedWeights,
  type Weight,
  type WeightRole,
} from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { logits } from './network.ts';
import { isSparseCapable, sparseLogits } from './sparse-network.ts';
import { type SparsePattern, sparsePattern, sparseTrainingAvailable } from './sparse-training.ts';
import { adamStepInPlace, momentumStepInPlace } from './wasm-gradients.ts';

/** A weight's numbers and the optimiser's two moments; of a pruned weight only the kept ones. */
export interface WeightState {
  readonly values: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface Step {
  /** Counted from 1. */
  readonly step: number;
  readonly learningRate: number;
  /** On kernels. */
  readonly weightDecay: number;
  readonly optimizer: 'adam' | 'momentum';
}

/** A model as variables of tfjs, each weight in its form. */
export interface TrainedNetwork {
  /** Those that gradients move: all but the means and variances of batch normalisation. */
  readonly variables: tf.Variable[];
  /** @param input - `[N, C, H, W]` */
  logits(input: tf.Tensor4D, beforeLayer?: (layer: Layer, x: tf.Tensor) => tf.Tensor): tf.Tensor2D;
  /** Moves every weight along its constrained gradient. */
  update(gradients: tf.NamedTensorMap, step: Step): void;
  /** Adds scale · g² of each weight's gradient g to a sum. */
  addSquares(gradients: tf.NamedTensorMap, scale: number): void;
  /** Those sums times a factor, by name and in the weight's own shape; 0 where it is pruned. */
  squares(factor: number): ReadonlyMap<string, Float32Array>;
  /** The model as it stands, or as it stood. */
  model(state?: readonly WeightState[]): Model;
  state(): WeightState[];
  dispose(): void;
}

// Below this share of a network's multiplications, walking the kept weights beats multiplying by zeros (measured on LeNet-5).
const SPARSE_BELOW = 0.8;

/** Whether walking the kept weights is possible, and faster than multiplying by zeros. */
export const isSparselyTrained = (model: Model): boolean =>
  sparseTrainingAvailable() && isSparseCapable(model.layers) && macDensity(model) < SPARSE_BELOW;

/**
 * Puts a model into variables. Where enough of it is pruned, and tfjs's wasm memory is in reach, only kept weights are
 * held and computed with; otherwise pruned ones are held at zero.
 *
 * @param saved - numbers to go on from, as `state()` gave them
 */
export function trainedNetwork(
  model: Model,
  forms: readonly Parametrization[],
  saved?: readonly WeightState[],
): TrainedNetwork {
  const sparse = isSparselyTrained(model);
  const tracked = placedWeights(model).map(({ weight, role }, i) =>
    track(weight, role, forms, sparse && role === 'kernel', saved?.[i]),
  );
  const byName = new Map(tracked.map((t) => [t.weight.name, t]));
  const sums = new Map<string, Float64Array>();
  const variable = (name: string): tf.Variable => byName.get(name)!.variable;
  return {
    variables: tracked.filter((t) => t.isMoved).map((t) => t.variable),
    logits: (input, beforeLayer) =>
      sparse
        ? sparseLogits(
            model.layers,
            (name) => ({ kept: variable(name), pattern: byName.get(name)!.pattern! }),
            variable,
            tf.transpose(input, [1, 2, 3, 0]),
            beforeLayer,
          )
        : logits(model.layers, variable, input, { before: beforeLayer }),
    update(gradients, step) {
      for (const t of tracked) {
        const gradient = gradients[t.variable.name];
        if (gradient) update(t, gradient, step);
      }
    },
    addSquares(gradients, scale) {
      for (const t of tracked) {
        const gradient = gradients[t.variable.name];
        if (!gradient) continue;
        const values = gradient.dataSync<'float32'>();
        const sum = sums.get(t.weight.name) ?? new Float64Array(values.length);
        sums.set(t.weight.name, sum);
        for (let i = 0; i < sum.length; i++) sum[i]! += scale * values[i]! ** 2;
      }
    },
    squares: (factor) =>
      new Map(
        tracked.map(({ weight, pattern }) => {
          const out = new Float32Array(elementCount(weight.shape));
          const mask = maskOf(weight);
          sums.get(weight.name)?.forEach((sum, i) => {
            const at = pattern ? pattern.positions[i]! : i;
            out[at] = mask[at]! * factor * sum;
          });
          return [weight.name, out];
        }),
      ),
    model: (state) =>
      mapWeights(model, ({ weight }) => {
        const t = byName.get(weight.name)!;
        return { ...weight, form: formOf(t, state?.[tracked.indexOf(t)]?.values ?? numbers(t.variable)) };
      }),
    state: () =>
      tracked.map((t) => ({ values: numbers(t.variable), first: numbers(t.first), second: numbers(t.second) })),
    dispose() {
      for (const t of tracked) {
        tf.dispose([t.variable, t.first, t.second]);
        t.mask?.dispose();
        t.pattern?.dispose();
      }
    },
  };
}

interface Tracked {
  readonly weight: Weight;
  /** The form of what the variable holds: the weight's own, or that of its kept numbers alone. */
  readonly form: Form;
  readonly parametrization: Parametrization;
  readonly isKernel: boolean;
  readonly isMoved: boolean;
  readonly variable: tf.Variable;
  /** The optimiser's moments: variables, since it writes to them in place. */
  readonly first: tf.Variable;
  readonly second: tf.Variable;
  readonly mask: tf.Tensor | undefined;
  readonly pattern: SparsePattern | undefined;
}

function track(
  weight: Weight,
  role: WeightRole | undefined,
  forms: readonly Parametrization[],
  packed: boolean,
  saved: WeightState | undefined,
): Tracked {
  const parametrization = parametrizationOf(weight.form, forms);
  const pattern = packed ? sparsePattern(maskOf(weight), weight.shape) : undefined;
  const form = pattern ? pack(weight.form, pattern.positions) : weight.form;
  const shape = pattern ? [pattern.count] : [...weight.shape];
  const values = saved?.values ?? parametrization.toDense(form);
  return {
    weight,
    form,
    parametrization,
    isKernel: role === 'kernel',
    isMoved: role !== 'mean' && role !== 'variance',
    variable: variableOf(values, shape),
    first: variableOf(saved?.first ?? new Float32Array(values.length), shape),
    second: variableOf(saved?.second ?? new Float32Array(values.length), shape),
    mask: form.kind === 'masked' && !pattern ? tf.tensor(Float32Array.from(form.mask), shape) : undefined,
    pattern,
  };
}

function update(t: Tracked, gradient: tf.Tensor, { step, learningRate, weightDecay, optimizer }: Step): void {
  const penalty = t.isKernel ? weightDecay : 0;
  // A mask's share of J·Jᵀ is a product that the fused step does itself; other forms see the gradient as an array, and in it
  // that of the penalty ½·λ·|w|², which like any other reaches the free parameters through Jᵀ.
  const simple = t.form.kind === 'dense' || t.form.kind === 'masked';
  let constrained = gradient;
  if (!simple) {
    const values = numbers(gradient);
    if (penalty > 0) {
      const weights = t.variable.dataSync<'float32'>();
      for (let i = 0; i < values.length; i++) values[i]! += penalty * weights[i]!;
    }
    t.parametrization.constrainGradient(t.form, values);
    constrained = tf.tensor(values, gradient.shape);
  }
  const common = { learningRate, weightDecay: simple ? penalty : 0, ...(t.mask && { mask: t.mask }) };
  if (optimizer === 'adam') adamStepInPlace(t.variable, t.first, t.second, constrained, { ...common, step });
  else momentumStepInPlace(t.variable, t.first, constrained, { ...common, momentum: 0.9 });
  if (!simple) constrained.dispose();
}

function formOf({ weight, form, parametrization, pattern }: Tracked, values: Float32Array): Form {
  const absorbed = parametrization.absorb(form, values);
  return pattern ? unpack(weight.form, absorbed, pattern.positions) : absorbed;
}

/** The form that only the kept numbers have. */
function pack(form: Form, positions: Int32Array): Form {
  const mask = new Uint8Array(positions.length).fill(1);
  if (form.kind === 'shared') return { ...form, indices: gather(form.indices, positions), mask };
  const values = gather(form.values, positions);
  return form.kind === 'masked' ? { kind: 'masked', values, mask } : { kind: 'dense', values };
}

/** Puts kept numbers back into their places in the whole form. */
function unpack(whole: Form, packed: Form, positions: Int32Array): Form {
  if (whole.kind === 'shared' && packed.kind === 'shared') return { ...whole, codebook: packed.codebook };
  if (whole.kind === 'shared' || packed.kind === 'shared') throw new Error('bug: a form changed its kind in training');
  const values = new Float32Array(whole.values.length);
  positions.forEach((position, i) => {
    values[position] = packed.values[i]!;
  });
  return { ...whole, values };
}

function gather<T extends Float32Array | Uint16Array>(from: T, positions: Int32Array): T {
  const out = from.slice(0, positions.length) as T;
  positions.forEach((position, i) => {
    out[i] = from[position]!;
  });
  return out;
}

/** Ones for forms that prune nothing. */
const maskOf = ({ form }: Weight): Uint8Array =>
  'mask' in form ? form.mask : new Uint8Array(form.values.length).fill(1);

/** The share of multiplications that kept weights make; 1 if any kernel has a form whose pattern is unknown. */
function macDensity(model: Model): number {
  let kept = 0;
  let all = 0;
  for (const { weight, layer, role } of placedWeights(model)) {
    if (role !== 'kernel' || !layer) continue;
    if (!['dense', 'masked', 'shared'].includes(weight.form.kind)) return 1;
    const mask = maskOf(weight);
    const [, height = 1, width = 1] = layer.outputShape;
    kept += mask.reduce((sum, bit) => sum + bit, 0) * height * width;
    all += mask.length * height * width;
  }
  return all === 0 ? 1 : kept / all;
}

/** A variable keeps a copy: the tensor it was made from must go. */
function variableOf(values: Float32Array, shape: number[]): tf.Variable {
  const tensor = tf.tensor(values, shape);
  const variable = tf.variable(tensor);
  tensor.dispose();
  return variable;
}

const numbers = (tensor: tf.Tensor): Float32Array => tensor.dataSync<'float32'>().slice();
