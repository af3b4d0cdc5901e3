import { engine, type Tensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../wasm-memory.ts';
import { type TensorMemory, tensorMemoryOf } from './tensor-memory.ts';

/** What both optimisers have. */
export interface StepOptions {
  /** Step size η. */
  readonly learningRate: number;
  /** Share of the weight that is added to its gradient (λ of an L2 penalty λ/2·‖w‖²). Default 0. */
  readonly weightDecay?: number | undefined;
  /** Float32 tensor of 0 and 1, of the weight's size: weights under a 0 become and stay 0. Default: none. */
  readonly mask?: Tensor | undefined;
}

/** How {@link momentumStepInPlace} moves. */
export interface MomentumOptions extends StepOptions {
  /** Share of the velocity that is kept. Default 0.9. */
  readonly momentum?: number | undefined;
}

/** How {@link adamStepInPlace} moves. */
export interface AdamOptions extends StepOptions {
  /** Number of this step, from 1: the means start from 0, which the early steps correct for. */
  readonly step: number;
  /** Share of the mean of gradients that is kept. Default 0.9. */
  readonly beta1?: number | undefined;
  /** Share of the mean of squares that is kept. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root, against division by 0. Default 1e-7, as in tfjs. */
  readonly epsilon?: number | undefined;
}

/**
 * Moves a weight by gradient descent with momentum, as `tf.train.momentum` does.
 *
 * v ← momentum·v + g + weightDecay·w;  w ← (w − learningRate·v)·mask. Writes into the memory of weight and velocity where it
 * can (tfjs's wasm backend): one pass, nothing allocated. Whatever shares the weight's memory (clone, reshape) moves too.
 *
 * @param weight - any shape
 * @param velocity - same size; zeros before the first step
 * @param gradient - same size; the gradient of the loss
 * @throws RangeError if the sizes differ
 * @example
 * momentumStepInPlace(weight, velocity, gradient, { learningRate: 0.01 });
 */
export function momentumStepInPlace(
  weight: Variable,
  velocity: Variable,
  gradient: Tensor,
  options: MomentumOptions,
): void {
  const { learningRate, momentum = 0.9, weightDecay = 0, mask } = options;
  checkSizes('momentumStepInPlace', weight, { velocity, gradient, mask });
  const done = onMemory([weight, velocity], [gradient, mask], ({ functions }, [w, v, g, m]) =>
    functions.momentumStep(w!, v!, g!, m!, weight.size, learningRate, momentum, weightDecay),
  );
  if (!done) onArrays([weight, velocity], [gradient, mask], (w, v, g, m) => plainMomentumStep(w, v, g, options, m));
}

/** The plain twin of `momentumStepInPlace`, on arrays. */
export function plainMomentumStep(
  weight: Float32Array,
  velocity: Float32Array,
  gradient: Float32Array,
  { learningRate, momentum = 0.9, weightDecay = 0 }: MomentumOptions,
  mask?: Float32Array,
): void {
  for (let i = 0; i < weight.length; i++) {
    velocity[i] = momentum * velocity[i]! + gradient[i]! + weightDecay * weight[i]!;
    weight[i] = (weight[i]! - learningRate * velocity[i]!) * (mask === undefined ? 1 : mask[i]!);
  }
}

/**
 * Moves a weight by Adam, as `tf.train.adam` does.
 *
 * With g' = g + weightDecay·w:  m ← beta1·m + (1 − beta1)·g';  s ← beta2·s + (1 − beta2)·g'²;
 * w ← (w − learningRate·m̂ / (√ŝ + epsilon))·mask, where m̂ = m / (1 − beta1^step) and ŝ = s / (1 − beta2^step). Memory as
 * in {@link momentumStepInPlace}.
 *
 * @param weight - any shape
 * @param mean - same size; m, zeros before the first step
 * @param meanSquare - same size; s, zeros before the first step
 * @param gradient - same size; the gradient of the loss
 * @throws RangeError if the sizes differ or `step` is below 1
 * @see Kingma, Ba 2015, algorithm 1
 */
export function adamStepInPlace(
  weight: Variable,
  mean: Variable,
  meanSquare: Variable,
  gradient: Tensor,
  options: AdamOptions,
): void {
  const { learningRate, step, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weightDecay = 0, mask } = options;
  checkSizes('adamStepInPlace', weight, { mean, meanSquare, gradient, mask });
  if (!(step >= 1)) throw new RangeError(`adamStepInPlace: "step" expected a number from 1, got ${step}`);
  const corrections = [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)] as const;
  const done = onMemory([weight, mean, meanSquare], [gradient, mask], ({ functions }, [w, m, s, g, k]) =>
    functions.adamStep(
      ...([w!, m!, s!, g!, k!, weight.size, learningRate] as const),
      ...([beta1, beta2, ...corrections, epsilon, weightDecay] as const),
    ),
  );
  if (done) return;
  onArrays([weight, mean, meanSquare], [gradient, mask], (w, m, s, g, k) => plainAdamStep(w, m, s, g, options, k));
}

/** The plain twin of `adamStepInPlace`, on arrays. */
export function plainAdamStep(
  weight: Float32Array,
  mean: Float32Array,
  meanSquare: Float32Array,
  gradient: Float32Array,
  { learningRate, step, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weightDecay = 0 }: AdamOptions,
  mask?: Float32Array,
): void {
  const [correction1, correction2] = [1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)];
  for (let i = 0; i < weight.length; i++) {
    const pull = gradient[i]! + weightDecay * weight[i]!;
    mean[i] = beta1 * mean[i]! + (1 - beta1) * pull;
    meanSquare[i] = beta2 * meanSquare[i]! + (1 - beta2) * pull * pull;
    const direction = (mean[i]! * correction1) / (Math.sqrt(meanSquare[i]! * correction2) + epsilon);
    weight[i] = (weight[i]! - learningRate * direction) * (mask === undefined ? 1 : mask[i]!);
  }
}

function checkSizes(who: string, weight: Tensor, others: Readonly<Record<string, Tensor | undefined>>): void {
  for (const [name, other] of Object.entries(others)) {
    if (other === undefined || other.size === weight.size) continue;
    throw new RangeError(`${who}: "${name}" expected ${weight.size} elements as the weight has, got ${other.size}`);
  }
}

/** Runs `step` on addresses (0 for a tensor that is not there), unless there are none to be had. */
function onMemory(
  written: readonly Variable[],
  read: readonly (Tensor | undefined)[],
  step: (memory: TensorMemory, addresses: readonly number[]) => void,
): boolean {
  const backend: unknown = engine().backend;
  const memory = tensorMemoryOf(backend);
  const all = [...written, ...read];
  if (memory === undefined || all.some((x) => x !== undefined && x.dtype !== 'float32')) return false;
  step(
    memory,
    all.map((x) => (x === undefined ? 0 : memory.addressOf(x))),
  );
  for (const variable of written) forgetPacked(backend as WasmBackend, variable);
  return true;
}

/**
 * Makes the backend forget what it derived from a tensor's old values.
 *
 * XNNPACK packs the weights of a convolution or product once, into an operator that tfjs keeps under the tensor's number
 * until the tensor is disposed of. After a write in place that operator is stale; announcing the end of the tensor and its
 * return under the same number drops it, and touches no memory.
 */
function forgetPacked({ wasm, dataIdMap }: WasmBackend, { dataId, size }: Tensor): void {
  const { id, memoryOffset } = dataIdMap.get(dataId);
  wasm.tfjs.disposeData(id);
  wasm.tfjs.registerTensor(id, size, memoryOffset);
}

/** Runs `step` on copies, on whatever backend, and assigns the results. */
function onArrays(
  written: readonly Variable[],
  read: readonly (Tensor | undefined)[],
  step: (...arrays: Float32Array[]) => void,
): void {
  const copies = written.map((variable) => Float32Array.from(variable.dataSync<'float32'>()));
  const others = read.map((x) => x?.dataSync<'float32'>() as Float32Array); // undefined only for the last, optional, mask
  step(...copies, ...others);
  tidy(() => written.forEach((variable, i) => void variable.assign(tensor(copies[i]!, variable.shape))));
}
