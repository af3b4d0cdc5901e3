import { elementCount, type Model, type Parametrization } from '@pare/core';
import type { Densities } from '@pare/hardware';
import { activationDensities, startWasm } from '@pare/tfjs';
import { checkRuns } from '../calibration/calibrate.ts';
import { readExamples } from '../calibration/examples.ts';

// This file brings tfjs and decoders of images: it is imported only where examples are given.

/**
 * Counts zeros of activations on examples.
 *
 * @param path - a folder of images, or an `.npz`
 * @throws UsageError if the network cannot be run, or the examples are not what it takes
 */
export async function measureDensities(
  model: Model,
  path: string,
  parametrizations: readonly Parametrization[],
  progress: (text: string) => void,
): Promise<Readonly<Record<string, Densities>>> {
  const input = checkRuns(model);
  const classes = elementCount(model.layers.at(-1)!.outputShape);
  const { examples, notes } = await readExamples(path, { input, classes, onProgress: () => {} });
  for (const note of notes) progress(`note: ${note}`);
  progress(`counting zeros on ${examples.count} examples`);
  await startWasm();
  return activationDensities(model, examples, { parametrizations });
}
