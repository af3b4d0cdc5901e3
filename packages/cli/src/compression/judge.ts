import { type Model, type Parametrization, placedWeights } from '@pare/core';
import type { FileDescription } from '@pare/format';
import { difference, numbersOf } from '../numbers.ts';

/** A weight of the file beside what it was. */
export interface JudgedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly density: number;
  readonly bytes: number;
  readonly bitsPerWeight: number;
  readonly relativeError: number;
  readonly codec: string;
}

export const biasNames = (model: Model): string[] =>
  placedWeights(model).flatMap(({ role, weight }) => (role === 'bias' ? [weight.name] : []));

/**
 * Compares what the file gives with what went in.
 *
 * @param before - the network that was encoded
 * @param original - the network as it was read; where it has a weight of the same name and shape, that is compared with
 */
export function judge(
  { before, original, after }: { readonly before: Model; readonly original: Model; readonly after: Model },
  described: FileDescription,
  parametrizations: readonly Parametrization[],
): (JudgedWeight & { readonly signal: number; readonly noise: number })[] {
  const originals = new Map(original.weights.map((weight) => [weight.name, weight]));
  return before.weights.map((weight, i) => {
    const { name, shape } = weight;
    const { bytes, codec } = described.weights[i]!;
    const first = originals.get(name);
    const was = numbersOf(first?.shape.join() === shape.join() ? first : weight, parametrizations);
    const is = numbersOf(after.weights[i]!, parametrizations);
    const { relativeError, signal, noise } = difference(was, is);
    const kept = is.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
    const each = (sum: number): number => (is.length === 0 ? 0 : sum / is.length);
    return {
      name,
      shape,
      density: each(kept),
      bytes,
      bitsPerWeight: each(8 * bytes),
      relativeError,
      codec,
      signal,
      noise,
    };
  });
}
