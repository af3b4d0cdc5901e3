import { elementCount, type Parametrization, type Weight } from '@pare/core';
import type { WeightForm } from '@pare/sparse-kernels';
import { NetworkError } from './network-error.ts';
import { checkFinite } from './network-input.ts';
import { shown } from './output-shape.ts';

/**
 * A weight in a form that the kernels know, with as many numbers as its shape has, all finite.
 *
 * @param parametrizations - for forms of plugins, which become dense
 * @param layer - whose it is
 * @throws NetworkError `'missing-weight'` if nobody can read the form, `'weight-shape'` if it does not fill its shape,
 *   `'not-finite'` if a number is NaN or infinite, or an index leads out of the codebook
 */
export function weightForm(
  { form, name, shape }: Weight,
  parametrizations: readonly Parametrization[],
  layer: string,
): WeightForm {
  const known: WeightForm =
    form.kind === 'dense' || form.kind === 'masked' || form.kind === 'shared'
      ? form
      : { kind: 'dense', values: foreignValues(form, name, parametrizations, layer) };
  const count = elementCount(shape);
  const fills = (what: string, { length }: Float32Array | Uint16Array | Uint8Array): void => {
    if (length === count) return;
    const expected = `expected ${count} for ${shown(shape)}, got ${length}`;
    throw new NetworkError('weight-shape', layer, `the ${what} of the weight "${name}" ${expected}`);
  };
  if (known.kind === 'shared') {
    const { codebook, indices, mask } = known;
    fills('indices', indices);
    fills('mask', mask);
    checkFinite(codebook, layer, `the codebook of "${name}"`);
    for (let i = 0; i < count; i++) {
      if (!mask[i] || indices[i]! < codebook.length) continue;
      const expected = `expected indices < ${codebook.length}, got ${indices[i]} at index ${i}`;
      throw new NetworkError('not-finite', layer, `the weight "${name}" ${expected}`);
    }
    return known;
  }
  fills('numbers', known.values);
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
