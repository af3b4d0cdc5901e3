import type { Exporter, Model } from '@pare/core';
import { denseNumbers, formNotes } from '../dense-numbers.ts';
import type { SafetensorsTopology } from './read.ts';

/** Writes all weights as F32 under their names, in their order, and the metadata that a safetensors file came with. */
export const safetensorsExporter: Exporter = {
  id: 'safetensors',
  extension: 'safetensors',
  async write(model, name) {
    const notes = [
      ...(model.layers.length > 0 ? ['The layers are not kept: safetensors holds weights, not networks'] : []),
      ...formNotes(model),
    ];
    return { files: new Map([[`${name}.safetensors`, writeSafetensors(model)]]), notes };
  },
};

function writeSafetensors(model: Model): Uint8Array {
  const metadata = (model.topology as Partial<SafetensorsTopology> | undefined)?.metadata;
  const entries: [string, unknown][] = metadata ? [['__metadata__', metadata]] : [];
  let offset = 0;
  const tensors = model.weights.map((weight) => {
    const values = denseNumbers(weight);
    const begin = offset;
    offset += 4 * values.length;
    entries.push([weight.name, { dtype: 'F32', shape: weight.shape, data_offsets: [begin, offset] }]);
    return { values, begin };
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const start = 8 * Math.ceil((8 + json.length) / 8); // the header ends in spaces, so that the data is aligned to 8 bytes
  const bytes = new Uint8Array(start + offset);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, start - 8, true);
  bytes.set(json, 8);
  bytes.fill(0x20, 8 + json.length, start);
  for (const { values, begin } of tensors) {
    for (let i = 0; i < values.length; i++) view.setFloat32(start + begin + 4 * i, values[i]!, true);
  }
  return bytes;
}
