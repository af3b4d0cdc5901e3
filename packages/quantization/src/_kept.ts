import { checkBits, checkFinite, checkLength } from './_check.ts';

/** The numbers a mask keeps, and the way back. */
export interface Kept {
  /** In their order; without a mask the given array itself. */
  readonly values: Float32Array;
  /** A copy; all ones if there was none. */
  readonly mask: Uint8Array;
}

/** Gathers the kept numbers, checking that they are finite and the mask fits. */
export function keep(where: string, values: Float32Array, mask: Uint8Array | undefined): Kept {
  checkLength(where, 'mask', mask, values.length);
  checkBits(where, 'mask', mask);
  checkFinite(where, 'values', values, mask);
  return mask
    ? { values: values.filter((_, i) => mask[i]), mask: mask.slice() }
    : { values, mask: new Uint8Array(values.length).fill(1) };
}

/** Spreads one index per kept number over all positions; 0 where nothing is kept. */
export function spread(keptIndices: Uint16Array, mask: Uint8Array): Uint16Array {
  const indices = new Uint16Array(mask.length);
  for (let i = 0, next = 0; i < mask.length; i++) if (mask[i]) indices[i] = keptIndices[next++]!;
  return indices;
}
