import { denseParametrization, type Form, type Parametrization, parametrizationOf, type Weight } from '@pare/core';
import { maskedParametrization } from '@pare/pruning';
import { sharedParametrization } from '@pare/quantization';

/** How the forms that this command knows stand for numbers. */
export const parametrizations: readonly Parametrization[] = [
  denseParametrization,
  maskedParametrization,
  sharedParametrization,
];

/** The numbers that a weight stands for. */
export const numbersOf = ({ form }: Weight, among: readonly Parametrization[] = parametrizations): Float32Array =>
  form.kind === 'dense' ? form.values : parametrizationOf<Form>(form, among).toDense(form);

/** How far numbers moved. */
export interface Difference {
  /** ‖Δw‖ / ‖w‖; 0 if nothing moved, Infinity if all numbers were 0 and are not now. */
  readonly relativeError: number;
  readonly largest: number;
  /** How many are not the same, bit for bit but for the sign of zero. */
  readonly changed: number;
  readonly signal: number;
  readonly noise: number;
}

/**
 * Compares numbers with what they were.
 *
 * @example
 * difference(Float32Array.of(3, 4), Float32Array.of(3, 4.5)).relativeError // 0.1
 */
export function difference(before: Float32Array, after: Float32Array): Difference {
  let [signal, noise, largest, changed] = [0, 0, 0, 0];
  for (let i = 0; i < before.length; i++) {
    const [a, b] = [before[i]!, after[i]!];
    signal += a * a;
    if (a === b) continue;
    changed++;
    noise += (a - b) ** 2;
    largest = Math.max(largest, Math.abs(a - b));
  }
  return { relativeError: relative(signal, noise), largest, changed, signal, noise };
}

/** ‖Δw‖ / ‖w‖ from the two sums of squares. */
export const relative = (signal: number, noise: number): number => (noise === 0 ? 0 : Math.sqrt(noise / signal));
