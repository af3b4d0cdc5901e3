import type { Form } from '@pare/core';

/**
 * Bits that a coder needs who knows only how often each value occurs: the order-0 entropy of places and values together.
 *
 * Of dense numbers each byte of the float32 counts for itself, as most values occur once.
 *
 * @example
 * entropyBound({ kind: 'shared', codebook: Float32Array.of(-1, 1), indices: Uint16Array.of(0, 1, 0, 0), mask: Uint8Array.of(1, 1, 0, 0) }) // 6
 */
export function entropyBound(form: Form): number {
  if (form.kind === 'dense') return bytePlanes(form.values);
  const { mask } = form;
  const kept = mask.reduce((count, bit) => count + bit, 0);
  const places = entropy([kept, mask.length - kept]);
  if (form.kind === 'masked') return places + bytePlanes(form.values.filter((_, i) => mask[i] === 1));
  const counts = new Uint32Array(form.codebook.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) counts[form.indices[i]!]!++;
  return places + entropy(counts);
}

function bytePlanes(values: Float32Array): number {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const counts = new Uint32Array(4 * 256);
  for (let i = 0; i < bytes.length; i++) counts[256 * (i & 3) + bytes[i]!]!++;
  return [0, 1, 2, 3].reduce((bits, plane) => bits + entropy(counts.subarray(256 * plane, 256 * plane + 256)), 0);
}

/** Σ −n·log2(n / N), in bits. */
function entropy(counts: ArrayLike<number>): number {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    total += count;
    if (count > 0) sum += count * Math.log2(count);
  }
  return total === 0 ? 0 : Math.max(0, total * Math.log2(total) - sum);
}
