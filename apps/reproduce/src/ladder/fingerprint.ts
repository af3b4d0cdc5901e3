import { createHash } from 'node:crypto';
import { type Model, parametrizationOf } from '@pare/core';
import { builtinForms } from '@pare/tfjs';

/** A hash of a network's numbers, whatever forms hold them: networks that share it answer alike to the last bit. */
export function fingerprint(model: Model): string {
  const hash = createHash('sha256').update(JSON.stringify(model.layers));
  for (const { form } of model.weights) {
    const { buffer, byteOffset, byteLength } = parametrizationOf(form, builtinForms).toDense(form);
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
