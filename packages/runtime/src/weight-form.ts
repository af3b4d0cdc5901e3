import type { Parametrization, Weight } from '@pare/core';
import type { WeightForm } from '@pare/sparse-kernels';
import { NetworkError } from './network-error.ts';
import { checkFinite } from './network-input.ts';

/**
 * A weight in a form that the kernels know, with finite numbers.
 *
 * @param parametrizations - for forms of plugins, which become dense
 * @param layer - whose it is
 * @throws NetworkError `'missing-weight'` if nobody can read the form, `'not-finite'` if a number is NaN or infinite
 */
export function weightForm(
  { form, name }: Weight,
  parametrizations: readonly Parametrization[],
  layer: string,
): WeightForm {
  if (form.kind === 'shared') {
    checkFinite(form.codebook, layer, `the codebook of "${name}"`);
    return form;
  }
  const known: WeightForm =
    form.kind === 'dense' || form.kind === 'masked'
      ? form
      : { kind: 'dense', values: foreignValues(form, name, parametrizations, layer) };
  checkFinite(known.values, layer, `the weight "${name}"`);
  return known;
}

function foreignValues(
  form: Weight['form'],
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

/** The numbers of a form, one each. Not a copy if the form is dense or masked. */
export function formValues(form: WeightForm): Float32Array {
  if (form.kind !== 'shared') return form.values;
  const { codebook, indices, mask } = form;
  const values = new Float32Array(indices.length);
  for (let i = 0; i < values.length; i++) if (mask[i]) values[i] = codebook[indices[i]!]!;
  return values;
}
