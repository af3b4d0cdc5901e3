import type { Form, Shared } from '@pare/core';

/** Tells whether a form is shared in exactly this way: the same entries, indices and mask. */
export const sameShared = (shared: Shared, form: Form): boolean =>
  form.kind === 'shared' &&
  sameNumbers(shared.codebook, form.codebook) &&
  sameNumbers(shared.indices, form.indices) &&
  sameNumbers(shared.mask, form.mask);

const sameNumbers = <A extends Float32Array | Uint16Array | Uint8Array>(a: A, b: A): boolean =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
