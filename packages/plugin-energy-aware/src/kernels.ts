import {
  type Conv2dLayer,
  checkWeight,
  type DenseLayer,
  type Form,
  type Masked,
  type Model,
  mapWeights,
  weightOf,
} from '@pare/core';

export type KernelLayer = Conv2dLayer | DenseLayer;

/**
 * Lists the layers with kernels of a form that can be pruned.
 *
 * @throws RangeError naming a kernel that is damaged
 */
export const kernelLayers = (model: Model, caller: string): readonly KernelLayer[] =>
  model.layers.filter((layer): layer is KernelLayer => {
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return false;
    const weight = weightOf(model, layer.kernel);
    if (weight.form.kind !== 'dense' && weight.form.kind !== 'masked') return false;
    checkWeight(weight, caller);
    return true;
  });

/** The numbers of a kernel that is dense or masked. */
export function kernelValues(model: Model, kernel: string): Float32Array {
  const { form } = weightOf(model, kernel);
  if (form.kind === 'dense' || form.kind === 'masked') return form.values;
  throw new Error(`bug: "${kernel}" is ${form.kind}`);
}

/** The model with one kernel masked anew. */
export const withKernel = (model: Model, kernel: string, form: Masked): Model =>
  mapWeights(model, ({ weight }) => (weight.name === kernel ? { ...weight, form } : weight));

/** Share of each layer's weights that is left. */
export const densitiesOf = (model: Model, layers: readonly KernelLayer[]): Record<string, number> =>
  Object.fromEntries(layers.map(({ name, kernel }) => [name, densityOf(kernelValues(model, kernel))]));

/** Share that is not zero. */
export const densityOf = (values: Float32Array): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0) / values.length;

/** The model with those weights as they were that have not changed: trainers copy. */
export function unchangedAsBefore(before: Model, after: Model): Model {
  const known = new Map(before.weights.map((weight) => [weight.name, weight]));
  return mapWeights(after, ({ weight }) => {
    const old = known.get(weight.name);
    return old && sameForm(old.form, weight.form) ? old : weight;
  });
}

function sameForm(a: Form, b: Form): boolean {
  if (a === b) return true;
  if (a.kind === 'dense' && b.kind === 'dense') return sameNumbers(a.values, b.values);
  if (a.kind !== 'masked' || b.kind !== 'masked') return false;
  return sameNumbers(a.values, b.values) && sameNumbers(a.mask, b.mask);
}

const sameNumbers = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.prototype.every.call(a, (value: number, i) => Object.is(value, b[i]));
