import type { Decoder, Model, Shape } from '@pare/core';
import { describeFile } from '@pare/format';
import { energyOf, numbersOf, squaredError } from './numbers.ts';

/** What became of a weight. */
export interface WeightReport {
  readonly name: string;
  readonly shape: Shape;
  /** Share of numbers that are not zero, 0…1. */
  readonly density: number;
  readonly bitsPerWeight: number;
  /** ‖Δw‖² / ‖w‖²; 0 if it is exact. */
  readonly relativeError: number;
  /** Its share of its record. */
  readonly bytes: number;
  readonly codec: string;
}

export interface CompressReport {
  readonly weights: readonly WeightReport[];
  /** Of the file. */
  readonly bytes: number;
  /** Of all numbers as float32. */
  readonly rawBytes: number;
  /** Σ ‖Δw‖² / Σ ‖w‖² */
  readonly relativeError: number;
  /** The mean over weights of ‖Δw‖² / ‖w‖². */
  readonly meanRelativeError: number;
}

/** Compares what a file gives with what went in. */
export function reportOn(
  before: Model,
  after: Model,
  bytes: Uint8Array,
  decoders: readonly Decoder[] = [],
): CompressReport {
  const described = describeFile(bytes, { decoders }).weights;
  let signal = 0;
  let noise = 0;
  let rawBytes = 0;
  const weights = before.weights.map(({ name, shape, form }, i): WeightReport => {
    const was = numbersOf(form) ?? new Float32Array(0);
    const is = numbersOf(after.weights[i]!.form) ?? was;
    const energy = energyOf(was);
    const error = squaredError(was, is);
    signal += energy;
    noise += error;
    rawBytes += 4 * was.length;
    let kept = 0;
    for (const value of is) if (value !== 0) kept++;
    const { bytes: size, codec } = described[i]!;
    const count = Math.max(1, is.length);
    return {
      name,
      shape,
      density: kept / count,
      bitsPerWeight: (8 * size) / count,
      relativeError: energy > 0 ? error / energy : 0,
      bytes: size,
      codec,
    };
  });
  return {
    weights,
    bytes: bytes.length,
    rawBytes,
    relativeError: signal > 0 ? noise / signal : 0,
    meanRelativeError: weights.reduce((sum, { relativeError }) => sum + relativeError, 0) / (weights.length || 1),
  };
}
