import { type Model, type Random, weightOf } from '@pare/core';
import { outputError, type PruneRowsOptions, pruneRows } from '@pare/plugin-energy-aware';
import { createCalibration, type Examples } from '@pare/tfjs';

/** What the outputs of one layer miss at one density, by method, as a share of their squares. */
export interface LocalErrors {
  readonly layer: string;
  readonly density: number;
  readonly magnitude: number;
  readonly magnitudeRefitted: number;
  readonly restored: number;
  readonly restoredRefitted: number;
}

export interface LocalErrorsOptions {
  readonly random: Random;
  /** Examples that weights are chosen and fitted on, and as many that errors are measured on; at most half of all. */
  readonly count: number;
  readonly densities: readonly number[];
  /** Most filters of a layer that are looked at, the first ones; default all. */
  readonly mostFilters?: number;
}

/** On real activations: weights are chosen and fitted on some examples, the error is of others. Every filter keeps the same share. */
export async function localErrors(
  model: Model,
  examples: Examples,
  { random, count, densities, mostFilters = Number.POSITIVE_INFINITY }: LocalErrorsOptions,
): Promise<readonly LocalErrors[]> {
  if (densities.length === 0) return [];
  const size = examples.pixels.length / examples.count;
  const half = Math.floor(Math.min(2 * count, examples.count) / 2);
  const momentsOf = (part: number) => {
    const pixels = examples.pixels.subarray(part * half * size, (part + 1) * half * size);
    const seen = { pixels, count: half, shape: examples.shape };
    const calibration = createCalibration(model, seen, { random: random.fork(`${part}`), heldBack: 0.02 });
    return calibration.statistics(model, { fisher: false });
  };
  const fitted = await momentsOf(0);
  const judged = await momentsOf(1);
  return [...fitted].flatMap(([kernel, { inputSecondMoment: inputs }]) => {
    const { shape, form } = weightOf(model, kernel);
    if (form.kind !== 'dense') return [];
    const rows = Math.min(shape[0]!, mostFilters);
    const weights = form.values.subarray(0, (form.values.length / shape[0]!) * rows);
    return densities.map((density) => {
      const error = (options: PruneRowsOptions) => {
        const { values } = pruneRows(weights, rows, { inputs }, density, { perFilter: 'evenly', ...options });
        return outputError(judged.get(kernel)!.inputSecondMoment, weights, values, rows);
      };
      return {
        layer: kernel.replace('/kernel', ''),
        density,
        magnitude: error({ selection: 'magnitude', refit: false }),
        magnitudeRefitted: error({ selection: 'magnitude' }),
        restored: error({ refit: false }),
        restoredRefitted: error({}),
      };
    });
  });
}
