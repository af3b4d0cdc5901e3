import { checkWeight, kernels, mapWeights, matches, type Selector, type Stage, selectorText } from '@pare/core';

export interface MyThingOptions {
  /** Significant bits that every number keeps, 1 … 23. */
  readonly bits: number;
  /** Whose weights; default all kernels. */
  readonly select?: Selector;
}

/**
 * Rounds numbers to so many significant bits: they take fewer different values, and so fewer bytes.
 *
 * This is the place for your arithmetic. It knows arrays alone, so that it can be used, and tested, without a network.
 *
 * @throws RangeError if `bits` is not a whole number from 1 to 23
 * @example
 * keepBits(Float32Array.of(1.3, 0, -100), 2) // Float32Array [1.5, 0, -96]
 */
export function keepBits(values: Float32Array, bits: number): Float32Array {
  if (!Number.isInteger(bits) || bits < 1 || bits > 23) {
    throw new RangeError(`keepBits: "bits" expected a whole number from 1 to 23, got ${bits}`);
  }
  return values.map((value) => {
    if (value === 0) return value;
    const step = 2 ** (Math.floor(Math.log2(Math.abs(value))) + 1 - bits);
    const rounded = Math.fround(Math.round(value / step) * step);
    return Number.isFinite(rounded) ? rounded : value;
  });
}

/**
 * The same for a network, as a stage: it goes into any chain of stages.
 *
 * @example
 * myThing({ bits: 4 }).name // 'my-thing'
 */
export function myThing({ bits, select = kernels }: MyThingOptions): Stage {
  return {
    name: 'my-thing',
    options: { bits, select: selectorText(select) },
    run: (model) =>
      mapWeights(model, (placed) => {
        const { weight } = placed;
        const { form } = weight;
        // A shared weight has its few values already. What a stage leaves alone it returns as it is.
        if (!matches(select, placed) || !('values' in form)) return weight;
        checkWeight(weight, 'myThing'); // refuses numbers that are not finite, naming the weight
        const values = keepBits(form.values, bits);
        const changed = values.some((value, i) => value !== form.values[i]);
        return changed ? { ...weight, form: { ...form, values } } : weight;
      }),
  };
}
