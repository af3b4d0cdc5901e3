import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { alexnet, layerTable, vgg16 } from '@pare/architectures';
import { denseWeight, elementCount, type Layer, seededRandom, type Weight } from '@pare/core';
import { importModel, openSource } from '@pare/interop';
import { caffeText } from './caffe-text.ts';
import { generatedBias, generatedKernel } from './generated.ts';
import { alexnetPublished, type PublishedNetwork, vgg16Published } from './published.ts';

/** A network that Deep Compression was tried on. */
export interface Network {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly published: PublishedNetwork;
  /** What a file of its real weights is called, in a folder of its own or among the data. */
  readonly files: readonly string[];
}

export const alexnetNetwork = (): Network => ({
  name: 'AlexNet',
  layers: alexnet(),
  published: alexnetPublished,
  files: ['bvlc_alexnet.caffemodel', 'alexnet/bvlc_alexnet.caffemodel'],
});

export const vgg16Network = (): Network => ({
  name: 'VGG-16',
  layers: vgg16(),
  published: vgg16Published,
  files: ['VGG_ILSVRC_16_layers.caffemodel', 'vgg16/VGG_ILSVRC_16_layers.caffemodel'],
});

/** Dense weights, a layer at a time, so that not all of them need be there at once. */
export interface WeightSource {
  readonly source: 'real' | 'generated';
  readonly note: string;
  /** The kernel and the bias of a layer. */
  weightsOf(layer: string): readonly [kernel: Weight, bias: Weight];
}

/**
 * Takes the real weights of a network if their file is in the data folder, else generates some: see `generatedKernel`.
 *
 * @param folder - of the data; absent where there is none
 * @throws RangeError if a file is there and holds another network
 */
export async function weightSource(network: Network, folder: string | undefined, seed: number): Promise<WeightSource> {
  const file = folder && network.files.map((name) => join(folder, name)).find((path) => existsSync(path));
  return file ? realWeights(network, file) : generatedWeights(network, seed);
}

async function realWeights({ layers }: Network, file: string): Promise<WeightSource> {
  const name = basename(file);
  // A file of weights does not say how large the input is; its authors have that in a text beside it, which may be absent.
  const read = async (other: string): Promise<Uint8Array | undefined> => {
    const path = join(dirname(file), other);
    if (existsSync(path)) return readFileSync(path);
    return other === 'deploy.prototxt' ? new TextEncoder().encode(caffeText(layers)) : undefined;
  };
  const { model } = await importModel(openSource({ name, bytes: readFileSync(file), read }));
  const shapes = new Map(shapesOf(layers).map(({ name, kernel, bias }) => [name, [kernel, bias] as const]));
  const all = new Map(model.weights.map((weight) => [weight.name, weight]));
  return {
    source: 'real',
    note: `the weights of ${name}`,
    weightsOf(layer) {
      const [kernel, bias] = shapes.get(layer)!;
      const named = (role: string, shape: readonly number[]): Weight => {
        const found = all.get(`${layer}/${role}`);
        if (!found || elementCount(found.shape) !== elementCount(shape)) {
          throw new RangeError(`${name}: expected "${layer}/${role}" of [${shape.join(', ')}], got [${found?.shape}]`);
        }
        return { ...found, shape };
      };
      return [named('kernel', kernel), named('bias', bias)];
    },
  };
}

function generatedWeights({ layers, published }: Network, seed: number): WeightSource {
  const shapes = new Map(shapesOf(layers).map((shape) => [shape.name, shape]));
  const densities = new Map(published.layers.map(({ name, density }) => [name, density]));
  return {
    source: 'generated',
    note: `Laplace values of the published densities, rows and columns uneven, seed ${seed}: not the weights of the network`,
    weightsOf(layer) {
      const { kernel, bias } = shapes.get(layer)!;
      const random = seededRandom(seed).fork(layer);
      const [rows = 0, ...rest] = kernel;
      const columns = rest.reduce((a, b) => a * b, 1);
      const values = generatedKernel({ rows, columns, density: densities.get(layer)!, random: random.fork('kernel') });
      return [
        denseWeight(`${layer}/kernel`, kernel, values),
        denseWeight(`${layer}/bias`, bias, generatedBias(rows, random.fork('bias'))),
      ];
    },
  };
}

/** Shapes of the kernels and biases, output-major. */
export function shapesOf(
  layers: readonly Layer[],
): { name: string; kernel: readonly number[]; bias: readonly number[] }[] {
  const table = new Map(layerTable(layers).map((row) => [row.name, row]));
  return layers.flatMap((layer) => {
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return [];
    const outputs = layer.kind === 'dense' ? layer.units : layer.filters;
    const inputs = table.get(layer.name)!.weights / outputs;
    const [height, width] = layer.kind === 'dense' ? [1, 1] : layer.kernelSize;
    const kernel = layer.kind === 'dense' ? [outputs, inputs] : [outputs, inputs / (height * width), height, width];
    return [{ name: layer.name, kernel, bias: [outputs] }];
  });
}
