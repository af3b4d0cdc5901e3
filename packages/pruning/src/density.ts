import type { Dense, Masked, Shared } from '@pare/core';

/**
 * Counts the numbers a form keeps: all of a dense weight, the ones in the mask of a masked or shared weight.
 *
 * A kept number counts even if it is zero: training may move it.
 *
 * @example
 * keptCount({ kind: 'masked', values: Float32Array.of(3, 0, 0), mask: Uint8Array.of(1, 0, 0) }) // 1
 */
export function keptCount(form: Dense | Masked | Shared): number {
  if (form.kind === 'dense') return form.values.length;
  let count = 0;
  for (let i = 0; i < form.mask.length; i++) count += form.mask[i]!;
  return count;
}

/**
 * The share of a form's numbers that are kept, 0 … 1; 1 for a form without numbers.
 *
 * @example
 * densityOf({ kind: 'masked', values: Float32Array.of(3, 0, 0, 0), mask: Uint8Array.of(1, 0, 0, 0) }) // 0.25
 */
export function densityOf(form: Dense | Masked | Shared): number {
  const count = form.kind === 'dense' ? form.values.length : form.mask.length;
  return count === 0 ? 1 : keptCount(form) / count;
}
