import type { Shared } from '@pare/core';
import { bitsOf } from './float-bits.ts';

/**
 * Brings a shared form into the one that files hold: the codebook ascending, without duplicates and unused entries.
 *
 * The weights it stands for are the same, bit for bit; only the numbering differs. Floats are ordered by their bits, so −0
 * comes before 0 and stays itself.
 *
 * @throws RangeError if indices or mask do not fit: an index beyond the codebook, or not zero where the mask is
 * @example
 * canonicalShared({ kind: 'shared', codebook: Float32Array.of(3, 9, 1), indices: Uint16Array.of(0, 0, 2), mask: Uint8Array.of(1, 0, 1) }).codebook // Float32Array [1, 3]
 */
export function canonicalShared(form: Shared): Shared {
  const { codebook, indices, mask } = form;
  const used = new Uint8Array(codebook.length);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    if (indices[i]! >= codebook.length) {
      throw new RangeError(`encode: "indices" expected values < ${codebook.length}, got ${indices[i]} at index ${i}`);
    }
    used[indices[i]!] = 1;
  }
  const keys = bitsOf(codebook.slice()).map((bits) => orderedKey(bits));
  const sorted = Array.from(codebook.keys(), Number)
    .filter((entry) => used[entry] === 1)
    .sort((a, b) => keys[a]! - keys[b]! || a - b);
  const rank = new Uint16Array(codebook.length);
  const kept: number[] = [];
  for (const entry of sorted) {
    const last = kept[kept.length - 1];
    if (last === undefined || keys[last] !== keys[entry]) kept.push(entry);
    rank[entry] = kept.length - 1;
  }
  const renumbered = new Uint16Array(indices.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) renumbered[i] = rank[indices[i]!]!;
  return {
    kind: 'shared',
    codebook: Float32Array.from(kept, (entry) => codebook[entry]!),
    indices: renumbered,
    mask: mask.map((bit) => (bit === 0 ? 0 : 1)),
  };
}

/** Maps the bits of a float to an unsigned number of the same order. */
const orderedKey = (bits: number): number => (bits >>> 31 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0);
