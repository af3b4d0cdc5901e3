import type { Shared } from '@pare/core';
import { canonicalShared } from './canonical-codebook.ts';
import { bitsOf } from './float-bits.ts';

/** A codebook with more entries than this share of the values saves nothing. */
const LARGEST_SHARE = 1 / 4;

/**
 * Finds out whether values that are said to be floats are in fact few, each taken often: then they are a codebook and symbols.
 *
 * @param mask - 1 = kept; values elsewhere do not count
 * @returns undefined if there are too many different ones
 * @example
 * valueCodebook(Float32Array.of(2, 1, 2, 0, 2, 2, 2, 1, 2), Uint8Array.of(1, 1, 1, 0, 1, 1, 1, 1, 1))?.codebook // Float32Array [1, 2]
 */
export function valueCodebook(values: Float32Array, mask: Uint8Array): Shared | undefined {
  const bits = bitsOf(values);
  let kept = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) kept++;
  const most = Math.min(65536, Math.floor(kept * LARGEST_SHARE));
  const entries = new Map<number, number>();
  const indices = new Uint16Array(values.length);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    let index = entries.get(bits[i]!);
    if (index === undefined) {
      index = entries.size;
      if (index === most) return undefined;
      entries.set(bits[i]!, index);
    }
    indices[i] = index;
  }
  const codebook = new Float32Array(Uint32Array.from(entries.keys()).buffer);
  return canonicalShared({ kind: 'shared', codebook, indices, mask });
}
