import { squeezenet, withWeights } from '@pare/architectures';
import type { Model } from '@pare/core';
import { importModel, openSource, safetensors } from '@pare/interop';
import { readNet } from '@pare/plugin-han2016';
import { type DataFolder, type PinnedContent, readPinned } from './data-folder.ts';

/** The real networks that the ladder is about. */
export type NetworkName = 'squeezenet-1.0' | 'squeezenet-1.1' | 'squeezenet-released';

export interface NetworkSource extends PinnedContent {
  readonly title: string;
  /** Height and width of its input. */
  readonly side: number;
  /** Where it comes from. */
  readonly source: string;
}

/** As published by others; `data/squeezenet/README.md` of the data folder tells more. */
export const NETWORKS: Readonly<Record<NetworkName, NetworkSource>> = {
  'squeezenet-1.0': {
    title: 'SqueezeNet v1.0, dense',
    path: 'squeezenet/squeezenet_v1.0_caffe_dense.safetensors',
    sha256: 'ac3f6734f2435992c4a64ea6a83ae2d93130aaab00551544194b57ec1b39a196',
    side: 227,
    source: 'github.com/mtmd/Mobile_ConvNet, SqueezeNet/Parameters/Normal',
  },
  'squeezenet-1.1': {
    title: 'SqueezeNet v1.1, dense',
    path: 'squeezenet/squeezenet_v1.1_dense.safetensors',
    sha256: 'c3b6d1587d8e97722bb0473b810a3d461a33cb9d39a97dc744b2f1758dd742d8',
    side: 224,
    source: 'github.com/fujunwei/webnn-samples, test-data/models/squeezenet1.1_nchw',
  },
  'squeezenet-released': {
    title: 'SqueezeNet v1.0 as Han et al. released it',
    path: 'squeezenet/compressed_SqueezeNet.net',
    sha256: 'e4ab6960ae8cd81505e1c2136921201507e930966c53deaf15862a395b3a3261',
    side: 227,
    source: 'github.com/songhan/SqueezeNet-Deep-Compression',
  },
};

/**
 * Reads a network with its layers, its preprocessing and its weights.
 *
 * @throws MissingPartError, CorruptDataError as `readPinned` does
 */
export async function loadNetwork(folder: DataFolder, name: NetworkName): Promise<Model> {
  const { title, path } = NETWORKS[name];
  const bytes = readPinned(folder, NETWORKS[name]);
  if (name === 'squeezenet-released') {
    const layers = squeezenet();
    return { name: title, layers, weights: readNet(bytes, layers).weights, history: [] };
  }
  const { model } = await importModel(openSource({ name: path, bytes }), { importers: [safetensors] });
  return withWeights(squeezenet({ version: name === 'squeezenet-1.0' ? '1.0' : '1.1' }), model.weights, title);
}
