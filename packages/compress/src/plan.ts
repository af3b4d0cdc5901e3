import { type Model, type PerWeight, type Placed, placedWeights, resolvePerWeight, type Weight } from '@pare/core';
import { magnitudeMask } from '@pare/pruning';
import { energyOf, numbersOf, squaredError } from './numbers.ts';
import { areFewValues, coveredError } from './precision.ts';
import { type CompressSettings, DEFAULT_SNR } from './settings.ts';

/** What becomes of a weight. */
export type Plan = { readonly weight: Weight; readonly placed: Placed } /** Every bit of it. */ & (
  | { readonly what: 'exact' }
  /** As it is, but for the precision of a codebook. */
  | { readonly what: 'keep' }
  /** Rounded to 11 significant bits. */
  | { readonly what: 'shorten' }
  /** Rounded so that Σ (Δw)² stays within this. */
  | { readonly what: 'quantize'; readonly values: Float32Array; readonly error: number }
  /** Competes with others for a budget. */
  | { readonly what: 'compete'; readonly values: Float32Array }
);

/**
 * Decides for each weight, from the settings that speak of it and what it is: kernels are quantised, vectors shortened at most
 * (unless biases compete), and what has been quantised to no more than what is asked stays as it is.
 */
export function planWeights(model: Model, settings: CompressSettings): readonly Plan[] {
  const plans = placedWeights(model).map((placed) => planWeight(placed, settings));
  const competitors = plans.filter((plan) => plan.what === 'compete');
  if (settings.error === undefined || competitors.length === 0) return plans;
  const weigh = settings.distortion === 'absolute' ? () => 1 : (energy: number) => (energy > 0 ? 1 / energy : 0);
  let budget = 0;
  let covered = 0;
  for (const { values, weight } of competitors) {
    const energy = energyOf(values);
    budget += settings.error * weigh(energy) * energy;
    covered += weigh(energy) * Math.min(energy, coveredError(values, weight.shape[0], false));
  }
  if (covered < budget) return plans;
  return plans.map((plan) =>
    plan.what === 'compete' ? { what: 'keep', weight: plan.weight, placed: plan.placed } : plan,
  );
}

function planWeight(placed: Placed, settings: CompressSettings): Plan {
  const resolve = <T extends number | boolean>(setting: PerWeight<T> | undefined): T | undefined =>
    setting === undefined ? undefined : resolvePerWeight(setting, placed);
  if (resolve(settings.lossless)) return { what: 'exact', weight: placed.weight, placed };
  const density = resolve(settings.density);
  const snr = resolve(settings.snr);
  const bits = resolve(settings.bits);
  // Where examples tell what a weight matters, `priceList` prunes.
  const isKnown =
    settings.calibration !== undefined && snr === undefined && bits === undefined && hasStatistics(placed);
  const weight = density === undefined || isKnown ? placed.weight : prune(placed.weight, density);
  const kept: Plan = { what: 'keep', weight, placed };
  const values = numbersOf(weight.form);
  if (!values || values.length === 0) return kept;

  const competes =
    settings.targetSize !== undefined || settings.error !== undefined || settings.calibration !== undefined;
  const kernel = isKernel(placed);
  // Vectors are told by name only.
  const named = kernel || namesIt(settings.snr, placed) || namesIt(settings.bits, placed);
  if (!named) {
    if (competes && settings.biases === undefined && isBias(placed)) return { what: 'compete', weight, placed, values };
    const precision = settings.biases ?? (isStatistic(placed) ? 'float32' : 'float16');
    return precision === 'float32' || weight.form.kind !== 'dense' ? kept : { what: 'shorten', weight, placed };
  }
  if (snr === undefined && bits === undefined && competes) return { what: 'compete', weight, placed, values };
  // Nothing was asked: what somebody has quantised is as they wanted it.
  const asked = snr !== undefined || bits !== undefined;
  if (!asked && (weight.form.kind === 'shared' || areFewValues(values))) return kept;
  const energy = energyOf(values);
  const error =
    bits !== undefined && snr === undefined ? affineError(values, bits) : energy * 10 ** (-(snr ?? DEFAULT_SNR) / 10);
  if (energy === 0 || coveredError(values, weight.shape[0]) >= error) return kept;
  return { what: 'quantize', weight, placed, values, error };
}

/** Kernels of convolutions and dense layers: those that calibration tells about. */
export const hasStatistics = ({ layer, role }: Placed): boolean =>
  role === 'kernel' && layer !== undefined && 'kernel' in layer;

/** Matrices and more; of layers that say what a weight is, their kernels. */
const isKernel = ({ weight, role }: Placed): boolean =>
  role === 'kernel' || ((role === undefined || role === 'other') && weight.shape.length >= 2);

/** Without layers, by what is written on it. */
const isBias = ({ weight, role }: Placed): boolean =>
  role === 'bias' || (role === undefined && weight.shape.length === 1 && /(^|[._/])(bias|b)(:0)?$/i.test(weight.name));

/** Of batch normalisation: small numbers there may matter most. */
const isStatistic = ({ weight, role }: Placed): boolean =>
  role === 'mean' ||
  role === 'variance' ||
  role === 'gamma' ||
  role === 'beta' ||
  (role === undefined && /(mean|var|variance|gamma|beta)(:0)?$/i.test(weight.name));

function namesIt(setting: PerWeight<number> | undefined, { weight }: Placed): boolean {
  return typeof setting === 'object' && setting.byName !== undefined && Object.hasOwn(setting.byName, weight.name);
}

/**
 * What affine integers of so many bits make of numbers: codes from the least to the greatest, zero among them, which is exact. At
 * most half of the energy.
 */
function affineError(values: Float32Array, bits: number): number {
  let low = 0;
  let high = 0;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const step = (high - low) / (2 ** bits - 1) || 1;
  const first = Math.round(low / step);
  const last = first + 2 ** bits - 1;
  const rounded = values.map((value) => Math.max(first, Math.min(last, Math.round(value / step))) * step);
  return Math.min(squaredError(values, rounded), energyOf(values) / 2);
}

/** Zeros the numbers of smallest magnitude, in any form of ours; returns the weight itself if it is sparse enough. */
function prune(weight: Weight, keep: number): Weight {
  const { form } = weight;
  if (form.kind !== 'dense' && form.kind !== 'masked' && form.kind !== 'shared') return weight;
  const values = numbersOf(form)!;
  const mask = magnitudeMask(values, { keep });
  let lost = false;
  for (let i = 0; i < mask.length && !lost; i++) lost = mask[i] === 0 && values[i] !== 0;
  if (!lost) return weight;
  if (form.kind === 'shared') {
    const both = form.mask.map((bit, i) => bit & mask[i]!);
    return { ...weight, form: { ...form, mask: both, indices: form.indices.map((index, i) => (both[i] ? index : 0)) } };
  }
  return { ...weight, form: { kind: 'masked', mask, values: values.map((value, i) => (mask[i] ? value : 0)) } };
}
