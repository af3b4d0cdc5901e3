import type { Model, Parametrization } from '@pare/core';
import type { Densities } from '@pare/hardware';
import { activationDensities, startWasm } from '@pare/tfjs';
import { examplesFor } from '../calibration/calibrate.ts';

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
  const { examples, notes } = await examplesFor(model, path, () => {});
  for (const note of notes) progress(`note: ${note}`);
  progress(`counting zeros on ${examples.count} examples`);
  await startWasm();
  return activationDensities(model, examples, { parametrizations });
}
