import { type ImportedModel, type Importer, type ImportSource, MissingPartError } from '@pare/core';
import { decodeMessage, scanFields } from '../protobuf/decode.ts';
import { parseText } from '../protobuf/text.ts';
import { blobsOf, readNetwork } from './network.ts';
import { NET, type NetParameter } from './schema.ts';

/**
 * Reads Caffe's networks: weights from a `.caffemodel`, layers from the `.prototxt` beside it. Either can be named.
 *
 * A `.caffemodel` knows its layers too, but as they were in training, often without the size of the input: it is read alone if
 * no `<name>.prototxt`, `<name>_deploy.prototxt` or `deploy.prototxt` is there (`<name>` without `_iter_10000`).
 */
export const caffe: Importer = {
  id: 'caffe',
  extensions: ['caffemodel', 'prototxt'],
  recognizes: ({ name, bytes }) => (isPrototxt(name) ? looksLikeText(bytes) : looksLikeNetwork(bytes)),
  async read(source) {
    if (!isPrototxt(source.name)) {
      const weights = decodeMessage(NET, source.bytes);
      const text = await firstSibling(source, textNames(source.name));
      return imported(text ? parse(text) : weights, weights, source.bytes.length);
    }
    const net = parse(source.bytes);
    const bytes = await source.sibling(`${withoutEnd(source.name)}.caffemodel`);
    return imported(net, decodeMessage(NET, bytes), bytes.length);
  },
};

function imported(net: NetParameter, weights: NetParameter, fileBytes: number): ImportedModel {
  const graph = readNetwork(net, blobsOf(weights), fileBytes);
  const name = net.name ? { name: net.name } : {};
  return { model: { ...name, layers: graph.layers, weights: graph.weights, history: [] }, notes: graph.notes };
}

const parse = (bytes: Uint8Array): NetParameter => parseText(NET, new TextDecoder().decode(bytes));

const isPrototxt = (name: string): boolean => /\.p(roto|b)?txt$/i.test(name);
const withoutEnd = (name: string): string => name.replace(/\.[^.]*$/, '');

function textNames(name: string): readonly string[] {
  const base = withoutEnd(name);
  const bases = [...new Set([base, base.replace(/_iter_\d+$/, '')])];
  return [...bases.flatMap((one) => [`${one}.prototxt`, `${one}_deploy.prototxt`]), 'deploy.prototxt'];
}

async function firstSibling(source: ImportSource, names: readonly string[]): Promise<Uint8Array | undefined> {
  for (const name of names) {
    try {
      return await source.sibling(name);
    } catch (error) {
      if (!(error instanceof MissingPartError)) throw error;
    }
  }
  return undefined;
}

/** A text that begins with a field of a network, comments aside. */
const looksLikeText = (bytes: Uint8Array): boolean =>
  /^(\s*#.*\n)*\s*(name|layers?|input|input_dim|input_shape|state|force_backward|debug_info)\s*[:{]/.test(
    new TextDecoder().decode(bytes.subarray(0, 4096)),
  );

/** A message of a network's fields, the first layer of which has a name and a type. */
function looksLikeNetwork(bytes: Uint8Array): boolean {
  const { fields, whole } = scanFields(bytes);
  const types: Readonly<Record<number, readonly number[]>> = {
    1: [2],
    2: [2],
    3: [2],
    4: [0, 2],
    5: [0],
    6: [2],
    7: [0],
    8: [2],
    100: [2],
  };
  if (!whole || !fields.every(({ number, wire }) => types[number]?.includes(wire))) return false;
  const first = fields.find(({ number }) => number === 100 || number === 2);
  if (!first) return false;
  const inner = scanFields(first.content);
  const has = (number: number, wire: number): boolean =>
    inner.fields.some((field) => field.number === number && field.wire === wire);
  return inner.whole && (first.number === 100 ? has(1, 2) && has(2, 2) : has(4, 2) && has(5, 0));
}
