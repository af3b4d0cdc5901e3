import type { Shared } from '@pare/core';

/**
 * Brings a codebook into its one normal shape: ascending, without duplicates, without entries no weight uses.
 *
 * The weights stay what they are. Entries can cross or become equal in retraining, so this comes before encoding.
 *
 * @returns the form itself if there is nothing to do
 * @example
 * compactCodebook({ kind: 'shared', codebook: Float32Array.of(5, 7, 1), indices: Uint16Array.of(2, 0), mask: Uint8Array.of(1, 1) }).codebook // Float32Array [1, 5]
 */
export function compactCodebook(form: Shared): Shared {
  const { codebook, indices, mask } = form;
  const used = new Uint8Array(codebook.length);
  for (let i = 0; i < indices.length; i++) if (mask[i]) used[indices[i]!] = 1;
  const compact = Float32Array.from(new Set(codebook.filter((_, k) => used[k]).sort()));
  if (compact.length === codebook.length && compact.every((value, k) => Object.is(value, codebook[k]))) return form;
  const places = new Map(Array.from(compact, (value, k) => [value, k]));
  const place = Uint16Array.from(codebook, (value) => places.get(value) ?? 0);
  return {
    kind: 'shared',
    codebook: compact,
    indices: indices.map((index, i) => (mask[i] ? place[index]! : 0)),
    mask,
  };
}
