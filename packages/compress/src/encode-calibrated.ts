import { elementCount, type Model, type Weight } from '@pare/core';
import { type EncodeModelOptions, encodeModel } from '@pare/format';
import { calibratedKernels, type Priced, priceList } from './calibrated.ts';
import { pause, unreachable } from './pause.ts';
import type { Plan } from './plan.ts';
import { searchLambda } from './search-lambda.ts';
import { type CompressSettings, DEFAULT_DRIFT } from './settings.ts';

export interface CalibratedWork {
  readonly model: Model;
  readonly plans: readonly Plan[];
  /** What becomes of a weight that examples tell nothing about, as it will be written; in the order of the plans. */
  readonly others: readonly (Weight | undefined)[];
  /** With `calibration`. */
  readonly settings: CompressSettings;
  readonly encoding: EncodeModelOptions;
  trellis(values: Float32Array, coding: CompressSettings['coding']): boolean;
}

/**
 * Makes the file in which kernels that examples tell about share a price of bits: the one that leads to the size, the drift or the
 * drop that is asked for.
 *
 * @throws RangeError with the code `'unreachable'` if none does, saying what is possible
 */
export async function encodeCalibrated(work: CalibratedWork): Promise<Uint8Array> {
  const { model, plans, others, settings, encoding } = work;
  const {
    calibration,
    signal,
    onProgress,
    targetSize,
    maxDrop,
    maxDrift = DEFAULT_DRIFT,
    coding,
    multiplications,
  } = settings;
  if (!calibration) throw new Error('bug: encodeCalibrated without calibration');
  const kernels = calibratedKernels(model, plans, settings);
  await pause(settings, 'calibrate', 0);
  const statistics = await calibration.statistics(model, {
    kernels: kernels.map(({ weight }) => weight.name),
    ...(signal && { signal }),
    onProgress: (done) => onProgress?.({ phase: 'calibrate', done: 0.5 * done }),
  });
  await pause(settings, 'search', 0.5);
  const modelAt = ({ weights }: Priced): Model => ({
    ...model,
    weights: plans.map(({ weight }, i) => weights.get(weight.name) ?? others[i] ?? weight),
  });
  let tries = 0;
  const step = (phase: string): Promise<void> => pause(settings, phase, 0.5 + 0.45 * (1 - 0.85 ** tries++));
  const count = kernels.reduce((sum, { values }) => sum + values.length, 0) || 1;
  // At high rates a weight makes λ / (2 ln 2) nats.
  const priceOf = (divergence: number): number => (divergence * 2 * Math.LN2) / count;
  const pricedAt = priceList(kernels, statistics, {
    trellis: (values) => work.trellis(values, coding),
    ...(multiplications !== undefined && { sparse: { share: multiplications, lambda: priceOf(DEFAULT_DRIFT) } }),
  });
  const encodedAt = (lambda: number): Uint8Array => encodeModel(modelAt(pricedAt(lambda)), encoding);

  if (targetSize !== undefined) {
    const rest = model.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0) - count; // a byte each, about
    const guess = await searchLambda(
      async (lambda) => {
        await step('search');
        const { bits } = pricedAt(lambda);
        return { excess: Math.log((rest + bits / 8) / targetSize), made: undefined };
      },
      { start: priceOf(0.02), slope: -0.3, tolerance: 0.02, most: 10 },
    );
    const { within, last } = await searchLambda(
      async (lambda) => {
        await step('encode');
        const bytes = encodedAt(lambda);
        return { excess: Math.log(bytes.length / targetSize), made: bytes };
      },
      { start: guess.last.lambda, slope: -0.3, tolerance: 0.002, most: 10 },
    );
    if (within) return within.made;
    throw unreachable(
      `"targetSize" expected at least ${last.made.length} bytes, the smallest possible, got ${targetSize}`,
    );
  }
  const { within, last } = await searchLambda(
    async (lambda) => {
      await step('search');
      const changed = modelAt(pricedAt(lambda));
      const drift = await calibration.judge(changed);
      if (maxDrop === undefined) return { excess: Math.log(Math.max(drift.divergence, 1e-9) / maxDrift), made: drift };
      if (drift.drop === undefined) throw new RangeError('compressModel: "maxDrop" needs labels in "calibration"');
      // Counts of a few examples: no slope can be seen in them. A factor of e^1.5 in the price at a time, then halves of that.
      return { excess: drift.drop <= maxDrop ? -1.5 : 1.5, made: drift };
    },
    {
      start: priceOf(maxDrop === undefined ? maxDrift / 2 : 0.02),
      slope: 1,
      tolerance: maxDrop === undefined ? 0.05 : 0,
      most: maxDrop === undefined ? 9 : 12,
    },
  );
  if (!within) {
    throw unreachable(
      maxDrop === undefined
        ? `"maxDrift" expected at least ${last.made.divergence} nats, the least there is, got ${maxDrift}`
        : `"maxDrop" expected at least ${last.made.drop} (${points(last.made.drop!)}), the least that was found, got ${maxDrop} (${points(maxDrop)})`,
    );
  }
  await step('encode');
  return encodedAt(within.lambda);
}

const points = (share: number): string => `${Number((100 * share).toPrecision(3))} points`;
