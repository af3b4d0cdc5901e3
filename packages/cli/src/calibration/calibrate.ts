import {
  type Calibration,
  elementCount,
  type InputLayer,
  type Model,
  type Parametrization,
  seededRandom,
} from '@pare/core';
import { createCalibration, startWasm } from '@pare/tfjs';
import { UsageError } from '../exit.ts';
import { inputOf } from '../network.ts';
import { readExamples } from './examples.ts';

// This file brings tfjs and decoders of images: it is imported only where examples are given.

/** What examples tell, and which they are. */
export interface Calibrated {
  readonly calibration: Calibration;
  readonly count: number;
  readonly labelled: boolean;
  readonly notes: readonly string[];
}

export interface CalibrateOptions {
  readonly seed: number;
  /** Forms of plugins. */
  readonly parametrizations: readonly Parametrization[];
  readonly onProgress: (what: string, done: number) => void;
}

/**
 * Reads examples and makes ready what a network is asked about them, on tfjs's wasm backend.
 *
 * @param path - a folder of images, or an `.npz`
 * @throws UsageError if the network cannot be run, or the examples are not what it takes
 */
export async function calibrate(
  model: Model,
  path: string,
  { seed, parametrizations, onProgress }: CalibrateOptions,
): Promise<Calibrated> {
  const { examples, notes } = await examplesFor(model, path, onProgress);
  onProgress('starting tfjs', 1);
  await startWasm();
  const calibration = createCalibration(model, examples, { random: seededRandom(seed), parametrizations });
  return { calibration, count: examples.count, labelled: examples.labels !== undefined, notes };
}

/**
 * Reads examples that a network can be run on.
 *
 * @throws UsageError if it cannot be run, or the examples are not what it takes
 */
export function examplesFor(
  model: Model,
  path: string,
  onProgress: CalibrateOptions['onProgress'],
): ReturnType<typeof readExamples> {
  const input = checkRuns(model);
  const classes = elementCount(model.layers.at(-1)!.outputShape);
  return readExamples(path, { input, classes, onProgress });
}

/**
 * Finds the input, and what stands in the way of running the network.
 *
 * @throws UsageError telling it
 */
function checkRuns(model: Model): InputLayer {
  const foreign = model.layers.find((layer) => layer.kind === 'foreign');
  if (foreign?.kind === 'foreign') {
    throw new UsageError(
      `--calibration: layer "${foreign.name}" is ${foreign.operation}, which cannot be run here, so that examples tell nothing: ` +
        'leave --calibration out (pare compress then takes --snr, --bits or --target-size)',
    );
  }
  const input = inputOf(model);
  if (input && model.layers.filter(({ kind }) => kind === 'input').length === 1) return input;
  throw new UsageError('--calibration: expected a network of one input; leave the option out');
}
