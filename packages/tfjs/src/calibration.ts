import { type Calibration, type Model, type Parametrization, type Random, seededRandom } from '@pare/core';
import { answersOf, usualBatch } from './answers.ts';
import { compareAnswers } from './calibration/drift.ts';
import { measure } from './calibration/statistics.ts';
import { checkExamples, type Examples, pickExamples } from './examples.ts';
import { builtinForms } from './forms.ts';
import { classesOf, needsOf } from './network-inputs.ts';

export interface CalibrationOptions {
  /** Chance that splits the examples, chooses positions and draws labels; default seed 1. */
  readonly random?: Random;
  /** Share of the examples held back for `judge`, 0 < share < 1; default 0.2. */
  readonly heldBack?: number;
  /** Outputs of a convolution whose inputs are looked at in each example; default 100. */
  readonly positions?: number;
  /** Examples used for the Fisher information; default 200. */
  readonly fisherExamples?: number;
  /** Examples computed at once, for gradients a quarter of it; default as many as hold 2^20 numbers, 1 … 256. */
  readonly batchSize?: number;
  /** For forms beyond dense, masked and shared. */
  readonly parametrizations?: readonly Parametrization[];
}

/**
 * Makes what a compressor learns from examples, on the current backend of tfjs (`startWasm` first: it brings the gradients).
 *
 * A fifth of the examples, drawn by chance, is held back: `judge` compares on it, `statistics` uses the rest. Labels are needed
 * only to tell points lost. `statistics` looks at the network that it is given: that of a half compressed one tells what its
 * layers get now.
 *
 * @throws RangeError if there are fewer than two examples, they are not what the network takes, or an option is out of range
 * @example
 * // const { divergence } = await createCalibration(model, examples).judge(decodeModel(bytes))
 */
export function createCalibration(model: Model, examples: Examples, options: CalibrationOptions = {}): Calibration {
  const { random = seededRandom(1), heldBack = 0.2, parametrizations = [] } = options;
  const { positions = 100, fisherExamples = 200, batchSize = usualBatch(examples) } = options;
  checkExamples(examples, 'createCalibration', { ...needsOf(model), unlabelled: true });
  for (const [name, count] of Object.entries({ positions, fisherExamples, batchSize })) {
    if (Number.isSafeInteger(count) && count >= 1) continue;
    throw new RangeError(`createCalibration: "${name}" expected a count ≥ 1, got ${count}`);
  }
  if (!(heldBack > 0 && heldBack < 1)) {
    throw new RangeError(`createCalibration: "heldBack" expected 0 < share < 1, got ${heldBack}`);
  }
  if (examples.count < 2) {
    throw new RangeError(`createCalibration: "examples" expected at least 2, one to hold back, got ${examples.count}`);
  }
  const order = random.fork('split').shuffle(Uint32Array.from({ length: examples.count }, (_, i) => i));
  const heldCount = Math.min(examples.count - 1, Math.max(1, Math.round(heldBack * examples.count)));
  const held = pickExamples(examples, order.subarray(0, heldCount));
  const seen = pickExamples(examples, order.subarray(heldCount));
  const forms = [...builtinForms, ...parametrizations];
  const ask = (network: Model): Promise<Float32Array> => answersOf(network, held, { batchSize, parametrizations });
  let original: Promise<Float32Array> | undefined;
  return {
    statistics: (network, wanted = {}) =>
      measure(network, seen, { ...wanted, random: random.fork('chance'), positions, fisherExamples, batchSize, forms }),
    async judge(network) {
      original ??= ask(model);
      return compareAnswers(await original, await ask(network), classesOf(model), held.labels);
    },
  };
}
