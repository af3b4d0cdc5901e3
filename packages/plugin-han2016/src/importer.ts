import { squeezenet } from '@pare/architectures';
import type { Importer, Layer } from '@pare/core';
import { isNet, readNet } from './read-net.ts';

/**
 * Makes an importer for `.net` files, which hold weights and no word about the network they belong to.
 *
 * A file is recognised by its length, which follows from its first numbers and the layers.
 *
 * @param layers - of the network; default SqueezeNet v1.0, the one that was released
 * @example
 * han2016().id // 'han2016'
 */
export const han2016 = (layers?: readonly Layer[]): Importer => ({
  id: 'han2016',
  extensions: ['net'],
  recognizes: ({ bytes }) => isNet(bytes, layers ?? squeezenet()),
  async read({ bytes }) {
    const network = layers ?? squeezenet();
    const { weights } = readNet(bytes, network);
    return { model: { ...(!layers && { name: 'SqueezeNet' }), layers: network, weights, history: [] }, notes: [] };
  },
});
