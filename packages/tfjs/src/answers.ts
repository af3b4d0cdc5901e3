import { elementCount, type Model, type Parametrization } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { batches, checkExamples, type Examples, inputBatch } from './examples.ts';
import { askedNetwork } from './fixed-network.ts';
import { builtinForms } from './forms.ts';
import { classesOf, needsOf, preprocessOf } from './network-inputs.ts';

export interface AnswersOptions {
  /** Examples computed at once; default as many as hold 2^20 numbers, 1 … 256. Answers differ by rounding alone. */
  readonly batchSize?: number | undefined;
  /** For forms beyond dense, masked and shared. */
  readonly parametrizations?: readonly Parametrization[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch with the share done, 0 … 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/**
 * Computes a network's logits for examples, on the current backend of tfjs; between batches others get their turn.
 *
 * @returns `[count, classes]`
 * @throws RangeError if the examples are not what the network takes, or `batchSize` is no count
 * @example
 * // const logits = await answersOf(model, { pixels, count: 8, shape: [3, 227, 227] })
 */
export async function answersOf(model: Model, examples: Examples, options: AnswersOptions = {}): Promise<Float32Array> {
  const { signal, onProgress } = options;
  const asked = askedInBatches(model, examples, options);
  try {
    for (let step = asked.next(); ; step = asked.next()) {
      if (step.done) return step.value;
      onProgress?.(step.value);
      await turn(signal);
    }
  } finally {
    asked.return(new Float32Array(0)); // frees the network of what ends early
  }
}

/** The same at one go. */
export function answersAtOnce(model: Model, examples: Examples, options: AnswersOptions = {}): Float32Array {
  const asked = askedInBatches(model, examples, options);
  for (let step = asked.next(); ; step = asked.next()) if (step.done) return step.value;
}

/** Lets Ctrl-C, timers and pages through; ends what was called off. */
export async function turn(signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}

/**
 * How many examples are computed at once.
 *
 * @param what - whose option it is, for the message
 * @throws RangeError if `batchSize` is no count
 */
export function batchSizeOf({ batchSize }: AnswersOptions, examples: Examples, what: string): number {
  const size = batchSize ?? usualBatch(examples);
  if (Number.isSafeInteger(size) && size >= 1) return size;
  throw new RangeError(`${what}: "batchSize" expected a count ≥ 1, got ${size}`);
}

/** Examples that are computed at once where nothing else is asked for: as many as hold 2^20 numbers, 1 … 256. */
export const usualBatch = ({ shape }: Examples): number =>
  Math.min(256, Math.max(1, Math.floor(2 ** 20 / elementCount(shape))));

function* askedInBatches(model: Model, examples: Examples, options: AnswersOptions): Generator<number, Float32Array> {
  const { parametrizations = [] } = options;
  checkExamples(examples, 'answersOf', { ...needsOf(model), unlabelled: true });
  const batchSize = batchSizeOf(options, examples, 'answersOf');
  const network = askedNetwork(model, [...builtinForms, ...parametrizations]);
  const classes = classesOf(model);
  const preprocess = preprocessOf(model);
  const out = new Float32Array(examples.count * classes);
  try {
    let done = 0;
    for (const chosen of batches(examples.count, batchSize)) {
      const given = tf.tidy(() => network.logits(inputBatch(examples, chosen, preprocess)).dataSync<'float32'>());
      out.set(given, done * classes);
      done += chosen.length;
      yield done / examples.count;
    }
    return out;
  } finally {
    network.dispose();
  }
}
