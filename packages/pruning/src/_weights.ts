import type { Weight } from '@pare/core';
import { keptCount } from './density.ts';
import { applyMask } from './masked.ts';

/**
 * The numbers of a weight that is to be pruned, and which of them are left.
 *
 * @throws TypeError if the weight is in a form that has no numbers of its own to choose among
 */
export function numbersOf(caller: string, { name, form }: Weight): { values: Float32Array; among?: Uint8Array } {
  if (form.kind === 'dense') return { values: form.values };
  if (form.kind === 'masked') return { values: form.values, among: form.mask };
  throw new TypeError(
    `${caller}: "${name}" expected a dense or masked weight, got a ${form.kind} one: prune before sharing or other forms`,
  );
}

/** The weight under a mask; the weight itself if that prunes nothing new. */
export function withMask(weight: Weight, values: Float32Array, mask: Uint8Array): Weight {
  const { form } = weight;
  const before = form.kind === 'dense' || form.kind === 'masked' ? keptCount(form) : Number.NaN;
  const after = applyMask(values, mask);
  // The mask is within the earlier one, so equal counts mean equal masks.
  return before === keptCount(after) ? weight : { ...weight, form: after };
}

/** Runs something that may refuse its arguments, and adds the name of the weight to the complaint. */
export function namingWeight<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof RangeError) throw new RangeError(`weight "${name}": ${cause.message}`, { cause });
    throw cause;
  }
}
