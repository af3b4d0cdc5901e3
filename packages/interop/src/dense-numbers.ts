import { MissingPartError, type Model, type Weight } from '@pare/core';

/**
 * Lists the numbers that a weight stands for, as other formats hold them.
 *
 * @throws MissingPartError if a plugin made its form
 */
export function denseNumbers({ name, form }: Weight): Float32Array {
  if (form.kind === 'dense' || form.kind === 'masked') return form.values;
  if (form.kind === 'shared') {
    const { codebook, indices, mask } = form;
    const values = new Float32Array(indices.length);
    for (let i = 0; i < values.length; i++) if (mask[i] === 1) values[i] = codebook[indices[i]!]!;
    return values;
  }
  const { kind } = form as { kind: string };
  throw new MissingPartError('no-form', kind, `"${name}" has the form "${kind}", which only its plugin can make dense`);
}

/** Says what a format of plain numbers does not keep of a model's forms: nothing, or one sentence. */
export function formNotes({ weights }: Model): readonly string[] {
  const others = weights.filter(({ form }) => form.kind !== 'dense');
  if (others.length === 0) return [];
  const names = others.slice(0, 3).map(({ name }) => `"${name}"`);
  const more = others.length > 3 ? ` and ${others.length - 3} more` : '';
  return [`Masks and codebooks are not kept: ${names.join(', ')}${more} are written as plain float32`];
}
