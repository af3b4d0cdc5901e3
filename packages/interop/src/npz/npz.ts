import { CorruptDataError, type Exporter, type Importer } from '@pare/core';
import { type Zippable, zipSync } from 'fflate';
import { denseNumbers, formNotes } from '../dense-numbers.ts';
import { weightsOf } from '../tensor-list.ts';
import { isZip, listZip, type ZipEntry } from '../zip.ts';
import { readNpy, writeNpy } from './npy.ts';

/**
 * Reads the arrays that `numpy.savez` wrote: names, shapes and numbers, and no network, so `layers` is empty. Arrays are
 * taken as they are: whether they are output-major is up to who saved them.
 *
 * @see numpy.lib.format, NEP 1
 */
export const npz: Importer = {
  id: 'npz',
  extensions: ['npz'],
  recognizes({ bytes }) {
    try {
      return isZip(bytes) && listZip(bytes).some(({ name }) => name.endsWith('.npy'));
    } catch {
      return false; // a damaged zip file is recognised by nobody
    }
  },
  async read({ bytes }) {
    const entries = listEntries(bytes);
    const arrays = entries.filter(({ name }) => name.endsWith('.npy'));
    const others = entries.filter(({ name }) => !name.endsWith('.npy') && !name.endsWith('/'));
    const { weights, notes } = weightsOf(arrays.map(({ name, read }) => readNpy(name.slice(0, -4), read())));
    const alien = others.map(({ name }) => `"${name}" is no array: left out`);
    return { model: { layers: [], weights, history: [] }, notes: [...notes, ...alien] };
  },
};

/** Writes all weights as float32 under their names, in their order, as `numpy.savez` does: not packed. */
export const npzExporter: Exporter = {
  id: 'npz',
  extension: 'npz',
  async write(model, name) {
    const notes = [
      ...(model.layers.length > 0 ? ['The layers are not kept: npz holds arrays, not networks'] : []),
      ...formNotes(model),
    ];
    const files: Zippable = {};
    for (const weight of model.weights) {
      files[`${weight.name}.npy`] = [writeNpy(weight.shape, denseNumbers(weight)), { level: 0, mtime: EPOCH }];
    }
    return { files: new Map([[`${name}.npz`, zipSync(files)]]), notes };
  },
};

/** @throws CorruptDataError if it is no zip file, or unpacks to too much */
export function listEntries(bytes: Uint8Array): readonly ZipEntry[] {
  const entries = listZip(bytes);
  const unpacked = entries.reduce((sum, { size }) => sum + size, 0);
  if (unpacked > MOST_BYTES) throw new CorruptDataError('limit', 0, `it unpacks to ${unpacked} bytes`);
  return entries;
}

// 4 GiB: more than an array can hold here. Packed zeros would get there from 4 MB.
const MOST_BYTES = 2 ** 32;

// The first moment that zip files know, in local time as they count: the same bytes at any time and place.
const EPOCH = '1980-01-01T00:00:00';
