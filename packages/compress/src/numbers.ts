import type { Form, Shared } from '@pare/core';
import { sharedParametrization } from '@pare/quantization';

/** The numbers a form stands for; undefined for a plugin's form without any. */
export function numbersOf(form: Form): Float32Array | undefined {
  if (form.kind === 'shared') return sharedParametrization.toDense(form);
  return 'values' in form ? form.values : undefined;
}

/** Σ w² */
export function energyOf(values: Float32Array): number {
  let energy = 0;
  for (let i = 0; i < values.length; i++) energy += values[i]! * values[i]!;
  return energy;
}

/** Σ (a − b)² */
export function squaredError(a: Float32Array, b: Float32Array): number {
  let error = 0;
  for (let i = 0; i < a.length; i++) error += (a[i]! - b[i]!) ** 2;
  return error;
}

/**
 * Rounds numbers to 11 significant bits, ties to even: what float16 makes of them, but for its limits of range.
 *
 * @example
 * toElevenBits(Float32Array.of(1.0001, 1e-9))[0] // 1
 */
export function toElevenBits(values: Float32Array): Float32Array {
  const rounded = values.slice();
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!;
    // 13 of 23 fraction bits go: half of the last one kept, and one more if that is odd. A carry moves on to the exponent.
    const up = ((value + 0x0fff + ((value >>> 13) & 1)) & ~0x1fff) >>> 0;
    bits[i] = (up & 0x7f800000) === 0x7f800000 ? (value & ~0x1fff) >>> 0 : up; // the largest numbers round down, not to infinity
  }
  return rounded;
}

export function codebookToElevenBits(form: Shared): Shared {
  return { ...form, codebook: toElevenBits(form.codebook) };
}
