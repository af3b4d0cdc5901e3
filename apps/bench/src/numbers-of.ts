import type { Weight } from '@pare/core';
import { sharedParametrization } from '@pare/quantization';

/** The numbers of a weight, in whatever form of ours it is. */
export const numbersOf = ({ form }: Weight): Float32Array =>
  form.kind === 'shared' ? sharedParametrization.toDense(form) : form.values;
