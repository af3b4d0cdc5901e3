import { checkWeight, type Model, type Shared, type Weight } from '@pare/core';
import { decodeModel, type EncodeModelOptions, encodeModel, encodersFor, MOST_ADAPTIVE } from '@pare/format';
import { allocate, type Levels, levelsToShared, type Tensor } from '@pare/rate-distortion';
import { encodeCalibrated } from './encode-calibrated.ts';
import { codebookToElevenBits, energyOf, toElevenBits } from './numbers.ts';
import { pause, unreachable } from './pause.ts';
import { type Plan, planWeights } from './plan.ts';
import { type CompressReport, reportOn } from './report.ts';
import { type CompressSettings, checkSettings, DEFAULT_SNR } from './settings.ts';

export interface Compressed {
  /** The `.pare` file. */
  readonly bytes: Uint8Array;
  /** What a reader gets from it. */
  readonly model: Model;
  readonly report: CompressReport;
}

/**
 * Makes a small `.pare` file of a network, without data and without training.
 *
 * Kernels become multiples of a step each, which the format codes by what rows and columns let expect; how fine a step is
 * follows from the settings. What has been quantised before, to no more than what is asked, stays as it is, and so a second
 * pass changes nothing. The same model and settings give the same bytes.
 *
 * @throws RangeError if a weight holds a number that is not finite, a setting is out of its range, names nothing, or contradicts
 *   another, or if the size, error, drift or drop is out of reach: then its `code` is `'unreachable'`, and it says what is possible
 * @throws the signal's reason once it is aborted
 * @example
 * (await compressModel({ layers: [], weights: [], history: [] })).report.relativeError // 0
 */
export async function compressModel(
  model: Model & { readonly labels?: readonly string[] },
  settings: CompressSettings = {},
): Promise<Compressed> {
  for (const weight of model.weights) checkWeight(weight, 'compressModel');
  checkSettings(settings, model);
  const { coding = 'small', encoders = [], decoders = [], labels, targetSize } = settings;
  const encoding = { coding, encoders: [...encodersFor[coding], ...encoders], ...(labels && { labels }) };
  const work = { settings, encoding };

  let bytes: Uint8Array | undefined;
  if (targetSize !== undefined) bytes = await exactIfItFits(model, work, targetSize);
  bytes ??= await encodeQuantized(model, work);

  await pause(settings, 'check', 0.95);
  const decoded = decodeModel(bytes, { decoders });
  const report = reportOn(model, decoded, bytes, decoders);
  settings.onProgress?.({ phase: 'check', done: 1 });
  return { bytes, model: decoded, report };
}

interface Work {
  readonly settings: CompressSettings;
  readonly encoding: EncodeModelOptions;
}

/** A model that fits as it is loses nothing, unless fewer or coarser numbers are asked for. */
async function exactIfItFits(
  model: Model,
  { settings, encoding }: Work,
  targetSize: number,
): Promise<Uint8Array | undefined> {
  const { density, multiplications, levels, codebooks, biases } = settings;
  const asksForLess = [density, multiplications, levels, codebooks].some((setting) => setting !== undefined);
  if (asksForLess || biases === 'float16') return undefined;
  await pause(settings, 'encode', 0);
  const exact = encodeModel(model, encoding);
  if (exact.length <= targetSize) return exact;
  if (settings.lossless === true) {
    throw unreachable(
      `"targetSize" expected at least ${exact.length} bytes with "lossless" for all, got ${targetSize}`,
    );
  }
  return undefined;
}

async function encodeQuantized(model: Model, work: Work): Promise<Uint8Array> {
  const { settings, encoding } = work;
  const plans = planWeights(model, settings);
  const done: (Weight | undefined)[] = [];
  const numbers = plans.reduce((sum, plan) => sum + ('values' in plan ? plan.values.length : 0), 0) || 1;
  let seen = 0;
  for (const plan of plans) {
    if ('values' in plan && plan.what === 'quantize') {
      await pause(settings, 'quantize', (0.4 * seen) / numbers, plan.weight.name);
      seen += plan.values.length;
    }
    done.push(settle(plan, settings));
  }
  const modelOf = (weights: readonly Weight[]): Model => ({ ...model, weights });
  const competitors = plans.flatMap((plan, i) => (plan.what === 'compete' ? [{ ...plan, at: i }] : []));
  if (competitors.length === 0) {
    await pause(settings, 'encode', 0.5);
    const bytes = encodeModel(modelOf(done as Weight[]), encoding);
    const { targetSize } = settings;
    if (targetSize !== undefined && bytes.length > targetSize) {
      throw unreachable(
        `"targetSize" expected at least ${bytes.length} bytes, as other settings speak of all weights, got ${targetSize}`,
      );
    }
    return bytes;
  }
  if (settings.calibration) {
    const others = plans.map((plan, i) => done[i] ?? settle(usualPrecision(plan), settings));
    return encodeCalibrated({ model, plans, others, settings, encoding, trellis: mayFollowTrellis });
  }

  await pause(settings, 'search', 0.4);
  const filled = (levels: readonly Levels[]): Model => {
    const weights = [...done];
    competitors.forEach(({ weight, at }, i) => {
      weights[at] = { ...weight, form: levelsToShared(levels[i]!) };
    });
    return modelOf(weights as Weight[]);
  };
  const tensors = competitors.map(({ weight, values }) => tensorOf(weight, values, settings));
  const options = {
    ...(settings.distortion && { distortion: settings.distortion }),
    ...(settings.signal && { signal: settings.signal }),
    onTry: (tries: number) => settings.onProgress?.({ phase: 'search', done: 0.4 + 0.5 * (1 - 0.8 ** tries) }),
  };
  if (settings.targetSize !== undefined) {
    let last: Uint8Array | undefined;
    const sizes = new Map<readonly Levels[], Uint8Array>();
    const sizeOf = (levels: readonly Levels[]): number => {
      last = encodeModel(filled(levels), encoding);
      if (last.length <= settings.targetSize!) sizes.set(levels, last);
      return last.length;
    };
    const { tensors: levels } = forCompress(settings, () =>
      allocate(tensors, { bytes: settings.targetSize!, sizeOf }, options),
    );
    return sizes.get(levels) ?? last!;
  }
  const { tensors: levels } = forCompress(settings, () =>
    allocate(tensors, { error: errorBudget(tensors, settings) }, options),
  );
  await pause(settings, 'encode', 0.9);
  return encodeModel(filled(levels), encoding);
}

/** What competes no more: examples tell nothing about it. */
function usualPrecision(plan: Plan): Plan {
  if (plan.what !== 'compete') return plan;
  const error = energyOf(plan.values) * 10 ** (-DEFAULT_SNR / 10);
  return error > 0 ? { ...plan, what: 'quantize', error } : { ...plan, what: 'keep' };
}

/** The weight as it will be written, unless it competes. */
function settle(plan: Plan, settings: CompressSettings): Weight | undefined {
  const { weight } = plan;
  switch (plan.what) {
    case 'compete':
      return undefined;
    case 'quantize': {
      const tensor = tensorOf(weight, plan.values, settings);
      const { tensors } = allocate([tensor], { error: plan.error }, { distortion: 'absolute' });
      return { ...weight, form: levelsToShared(tensors[0]!) };
    }
    case 'shorten':
      return weight.form.kind === 'dense'
        ? { ...weight, form: { kind: 'dense', values: toElevenBits(weight.form.values) } }
        : weight;
    case 'exact':
      return weight;
    case 'keep':
      return weight.form.kind === 'shared' && settings.codebooks === 'float16'
        ? { ...weight, form: codebookToElevenBits(weight.form as Shared) }
        : weight;
  }
}

/** A trellis needs the codec that knows it. */
const tensorOf = ({ name, shape }: Weight, values: Float32Array, { coding = 'small' }: CompressSettings): Tensor => ({
  name,
  values,
  rows: shape[0] ?? 1,
  trellis: mayFollowTrellis(values, coding),
});

const mayFollowTrellis = ({ length }: Float32Array, coding: CompressSettings['coding'] = 'small'): boolean =>
  coding === 'small' && length <= MOST_ADAPTIVE && length >= LEAST_TRELLIS;

/** In a few numbers there is little to gain from packing them well. */
const LEAST_TRELLIS = 64;

function errorBudget(tensors: readonly Tensor[], { error, distortion = 'relative' }: CompressSettings): number {
  if (distortion === 'relative') return error! * tensors.length;
  let energy = 0;
  for (const { values } of tensors) for (const value of values) energy += value * value;
  return error! * energy;
}

/** Says in our terms what is out of reach. */
function forCompress<T>({ targetSize }: CompressSettings, allocated: () => T): T {
  try {
    return allocated();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = cause.message.replace('allocate: "bytes"', '"targetSize"').replace('allocate: ', '');
    throw unreachable(
      targetSize === undefined ? message : message.replace(/, the smallest possible/, ' bytes, the smallest possible'),
      cause,
    );
  }
}
