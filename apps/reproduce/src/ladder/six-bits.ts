import { type Model, parametrizationOf, type Weight } from '@pare/core';
import { shareValues } from '@pare/quantization';
import { builtinForms } from '@pare/tfjs';

export interface SixBits {
  readonly model: Model;
  /** Kernels of which rare values had to be merged, with as many as they had. */
  readonly merged: readonly { readonly weight: string; readonly values: number }[];
}

/**
 * Lets each kernel that has more than `most` different values beside zero share that many, those nearest to what it has by the least
 * sum of squares: rare values merge. What is zero is pruned.
 */
export function atMostValues(model: Model, most: number): SixBits {
  const merged: { weight: string; values: number }[] = [];
  const weights = model.weights.map((weight): Weight => {
    if (weight.shape.length < 2) return weight;
    const values = parametrizationOf(weight.form, builtinForms).toDense(weight.form);
    const different = new Set(values);
    different.delete(0);
    if (different.size <= most) return weight;
    merged.push({ weight: weight.name, values: different.size });
    const mask = Uint8Array.from(values, (value) => Number(value !== 0));
    return { ...weight, form: shareValues(values, mask, { count: most, method: 'optimal' }) };
  });
  return { model: { ...model, weights }, merged };
}
