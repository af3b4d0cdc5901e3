import { type Calibration, checkNames, type Decoder, type Encoder, type Model, type PerWeight } from '@pare/core';
import { LEAST_DENSITY } from './densities-within.ts';

/** What is asked of a compression. Without any, every weight keeps {@link DEFAULT_SNR}. */
export interface CompressSettings {
  /** Which weights keep every bit; default none. With `true` for all, nothing else may be asked. */
  readonly lossless?: boolean | PerWeight<boolean>;
  /**
   * Most bytes of the whole file. Weights that no other setting speaks of compete for them, so that the relative errors of all,
   * Σ ‖Δw‖² / ‖w‖², sum up to the least.
   */
  readonly targetSize?: number;
  /**
   * Most error of the whole network: weights that no other setting speaks of compete as with `targetSize`, and together stay
   * below it. It is a mean over numbers of squared errors relative to squared numbers, in the sense of `distortion`.
   */
  readonly error?: number;
  /**
   * What examples tell about the network: weights that no other setting speaks of then compete so that its answers move least, and
   * errors are made up for by other weights and by biases. See `createCalibration` of `@pare/tfjs`.
   */
  readonly calibration?: Calibration;
  /** Most that answers may move on the held-back examples: mean Kullback–Leibler divergence, in nats; default {@link DEFAULT_DRIFT}. */
  readonly maxDrift?: number;
  /** Most share of top-1 accuracy lost on the held-back examples, 0.01 being a point; needs labels. */
  readonly maxDrop?: number;
  /**
   * How errors count for `targetSize` and `error`: each weight's relative to itself and summed over weights, Σ ‖Δw‖² / ‖w‖²
   * (`'relative'`, the default: no layer suffers for another's scale); or summed first, Σ ‖Δw‖² / Σ ‖w‖² (`'absolute'`).
   */
  readonly distortion?: 'relative' | 'absolute';
  /** Signal to noise ratio that a weight keeps at least, 10 · log₁₀(‖w‖² / ‖Δw‖²) in dB. */
  readonly snr?: PerWeight<number>;
  /**
   * Bits of a nominal code, 1…16: a weight is made as exact as affine integers of so many bits would (with step
   * (max − min) / (2^bits − 1)), or a little more, but coded smaller.
   */
  readonly bits?: PerWeight<number>;
  /** Most different values beside zero that a kernel may have where `calibration` chooses them, 2 … 65,535: 64 make six bits. */
  readonly levels?: PerWeight<number>;
  /**
   * Kept share of a weight's numbers, above 0…1: those of largest magnitude, before all else. Of kernels that `calibration` tells
   * about, to within half a point: those whose loss moves the answers most, the others making up for it.
   */
  readonly density?: PerWeight<number>;
  /**
   * Most share of the multiplications of kernels that is left, 0.05…1, for hardware and kernels that skip zeros; needs `calibration`,
   * which tells how to spread the loss over kernels. Densities are steps of about a fifth, so that a network of few kernels may be left
   * with less. In place of `density`.
   */
  readonly multiplications?: number;
  /**
   * How biases and other vectors are kept: exactly, or to 11 significant bits, as float16 has, but without its limits of range.
   * Default `'float16'`; where biases compete for a `targetSize` or an `error`, they are rounded as these want it, unless this is
   * given. Statistics of batch normalisation are exact by default.
   */
  readonly biases?: 'float32' | 'float16';
  /** The same for codebooks of weights that come shared and stay so. Default `'float32'`. */
  readonly codebooks?: 'float32' | 'float16';
  /** What the file is made for; default `'small'`. */
  readonly coding?: 'small' | 'fast' | 'huffman';
  /** More encoders to try beside those for `coding`: plugins bring them. Each needs its decoder in `decoders`. */
  readonly encoders?: readonly Encoder[];
  readonly decoders?: readonly Decoder[];
  /** Accepted for all commands alike; nothing here is left to chance. */
  readonly seed?: number;
  /** Names of the network's answers, to be carried in the file; default those the model carries. */
  readonly labels?: readonly string[];
  /** Ends the work between two weights or tries. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CompressProgress) => void;
}

export interface CompressProgress {
  /** `'calibrate'`, `'quantize'`, `'search'`, `'encode'`, `'check'`. */
  readonly phase: string;
  /** Done share of all, 0…1, rising. */
  readonly done: number;
  readonly weight?: string;
}

/**
 * What every weight keeps by default, in dB: between what affine uint8 makes of weights with outliers (SqueezeNet: 34.6 dB)
 * and without (LeNet-5: 41 dB).
 */
export const DEFAULT_SNR = 36;

/** How far answers move by default with calibration, in nats: SqueezeNet v1.0 then gives the same one to nine of ten held-back photographs. */
export const DEFAULT_DRIFT = 0.02;

const ranges = {
  snr: { holds: (value: number) => value >= 0 && value < Infinity, expected: 'a number of dB ≥ 0' },
  bits: {
    holds: (value: number) => Number.isInteger(value) && value >= 1 && value <= 16,
    expected: 'a whole number 1 … 16',
  },
  levels: {
    holds: (value: number) => Number.isInteger(value) && value >= 2 && value <= 65_535,
    expected: 'a whole number 2 … 65535',
  },
  density: { holds: (value: number) => value > 0 && value <= 1, expected: 'a number above 0 and up to 1' },
} as const;

/** Refuses settings out of range, that name nothing, or that contradict each other. */
export function checkSettings(settings: CompressSettings, model: Model): void {
  for (const option of ['snr', 'bits', 'levels', 'density'] as const) {
    const setting = settings[option];
    if (setting === undefined) continue;
    const { holds, expected } = ranges[option];
    for (const value of valuesOf(setting)) if (!holds(value)) refuse(option, expected, value);
    checkNames('compressModel', option, setting, model);
  }
  const { lossless, targetSize, error, distortion = 'relative', snr, bits, density } = settings;
  const { calibration, maxDrift, maxDrop, levels, multiplications } = settings;
  if (lossless !== undefined) checkNames('compressModel', 'lossless', lossless, model);
  for (const [option, value] of Object.entries({ targetSize, error, maxDrift })) {
    if (value !== undefined && !(value > 0 && value < Infinity)) refuse(option, 'a number > 0', value);
  }
  if (distortion !== 'relative' && distortion !== 'absolute') {
    refuse('distortion', `'relative' or 'absolute'`, distortion);
  }
  if (levels !== undefined && !calibration) {
    throw new RangeError('compressModel: "levels" needs "calibration": without it, give "bits"');
  }
  if (multiplications !== undefined) {
    if (!(multiplications >= LEAST_DENSITY && multiplications <= 1)) {
      refuse('multiplications', `a share ${LEAST_DENSITY} … 1`, multiplications);
    }
    if (!calibration) {
      throw new RangeError('compressModel: "multiplications" needs "calibration": without it, give "density"');
    }
    if (density !== undefined) {
      throw new RangeError('compressModel: "multiplications" and "density" expected one of them');
    }
  }
  if (maxDrop !== undefined && !(maxDrop >= 0 && maxDrop <= 1)) refuse('maxDrop', 'a share 0 … 1', maxDrop);
  for (const [option, value] of Object.entries({ maxDrift, maxDrop })) {
    if (value === undefined || calibration) continue;
    throw new RangeError(`compressModel: "${option}" needs "calibration": only examples tell how far answers move`);
  }
  const aims = Object.entries({ targetSize, error, maxDrift, maxDrop }).filter(([, value]) => value !== undefined);
  if (calibration && aims.length > 1) {
    throw new RangeError(
      `compressModel: "${aims[0]![0]}" and "${aims[1]![0]}" expected one of them with "calibration"`,
    );
  }
  if (calibration && error !== undefined) {
    throw new RangeError('compressModel: "error" expected without "calibration": give "maxDrift" instead');
  }
  if (targetSize !== undefined && error !== undefined) {
    throw new RangeError('compressModel: "targetSize" and "error" expected one of them: a size or an error');
  }
  if (lossless === true) {
    const also = Object.entries({ snr, bits, density, error, calibration }).find(([, value]) => value !== undefined);
    if (also)
      throw new RangeError(`compressModel: "lossless" for all leaves no room for "${also[0]}": give it by name`);
  }
}

const refuse = (option: string, expected: string, got: unknown): never => {
  throw new RangeError(`compressModel: "${option}" expected ${expected}, got ${got}`);
};

/** All values a setting can resolve to. */
function valuesOf(setting: PerWeight<number>): readonly number[] {
  if (typeof setting !== 'object') return [setting];
  const { default: fallback, byType = {}, byName = {} } = setting;
  return [fallback, ...Object.values(byType), ...Object.values(byName)].filter((each) => each !== undefined);
}
