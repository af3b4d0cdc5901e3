import type { Form, Parametrization, Weight } from '@pare/core';
import { NetworkError } from './network-error.ts';

/** The numbers of a weight, whatever form it has. Not a copy if the form is dense or masked. */
export function weightValues(
  { form, name }: Weight,
  parametrizations: readonly Parametrization[],
  layer: string,
): Float32Array {
  switch (form.kind) {
    case 'dense':
    case 'masked':
      return form.values;
    case 'shared':
      return sharedValues(form.codebook, form.indices, form.mask);
    default:
      return foreignValues(form, name, parametrizations, layer);
  }
}

function sharedValues(codebook: Float32Array, indices: Uint16Array, mask: Uint8Array): Float32Array {
  const values = new Float32Array(indices.length);
  for (let i = 0; i < values.length; i++) if (mask[i]) values[i] = codebook[indices[i]!]!;
  return values;
}

function foreignValues(
  form: Form,
  name: string,
  parametrizations: readonly Parametrization[],
  layer: string,
): Float32Array {
  const found = parametrizations.find(({ kind }) => kind === form.kind);
  if (found) return found.toDense(form);
  throw new NetworkError(
    'missing-weight',
    layer,
    `no way to read "${form.kind}", the form of "${name}": pass its parametrization of a plugin in "parametrizations"`,
  );
}
