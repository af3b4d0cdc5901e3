import { fire, initialize, sequence, squeezenet } from '@pare/architectures';
import { kernels, type Layer, MissingPartError, type Model, run, seededRandom } from '@pare/core';
import { magnitudePrune } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { type DataFolder, type FindDataOptions, findDataFolder, missingIn } from '../data/data-folder.ts';
import { generateImages } from '../data/generated-images.ts';
import {
  IMAGE_SETS,
  type ImageSet,
  type ImageSetName,
  type LoadImagesOptions,
  loadImages,
  SHORTER,
} from '../data/image-set.ts';
import { loadNetwork, NETWORKS, type NetworkName } from '../data/networks.ts';
import { SQUEEZENET_DENSITIES } from './published.ts';

/** What a ladder is climbed with: networks and images, real ones or, where there are none, generated ones. */
export interface Material {
  readonly source: 'real' | 'generated';
  /** A sentence for reports. Holds no path of this machine. */
  readonly note: string;
  /** Of the files that vouch for all others, by path; of nothing, where all is generated. */
  readonly sha256: Readonly<Record<string, string>>;
  network(name: NetworkName): Promise<Model>;
  images(name: ImageSetName, options?: LoadImagesOptions): Promise<ImageSet>;
}

/**
 * Finds the real networks and images, or generates some in their place and says so. The two are never mixed.
 *
 * @throws MissingPartError if `PARE_DATA` names a folder without them
 */
export function findMaterial(options: FindDataOptions = {}): Material {
  const folder = findDataFolder(options);
  if (!folder) return generatedMaterial('no data folder: set PARE_DATA to one, or put it at ../shared/data');
  const pins = [...Object.values(NETWORKS), ...Object.values(IMAGE_SETS).flatMap(({ labels, sums }) => [labels, sums])];
  const missing = missingIn(folder, pins);
  if (missing.length === 0) return realMaterial(folder);
  const lacks = `${folder.origin} lacks ${missing.join(', ')}`;
  if (!folder.named) return generatedMaterial(lacks);
  throw new MissingPartError(
    'no-data',
    missing[0]!,
    `${lacks}: put the folders squeezenet, imagenet-sample and nips2017-dev there, or unset PARE_DATA to run on generated data`,
  );
}

function realMaterial(folder: DataFolder): Material {
  const pins = [...Object.values(NETWORKS), ...Object.values(IMAGE_SETS).flatMap(({ labels, sums }) => [labels, sums])];
  return {
    source: 'real',
    note: `real networks and images, from ${folder.origin}`,
    sha256: Object.fromEntries(pins.map(({ path, sha256 }) => [path, sha256])),
    network: (name) => loadNetwork(folder, name),
    images: (name, options) => loadImages(folder, name, options),
  };
}

/** How many pictures are drawn in place of 700: enough to see whether answers agree. */
const DRAWN = 40;

/**
 * Generates networks of SqueezeNet's shapes, with the random weights that training starts from, and pictures that show nothing.
 * Sizes measured on them are upper bounds (random numbers have nothing to be predicted by); accuracy there is none.
 */
function generatedMaterial(why: string): Material {
  return generatedFrom(
    `GENERATED networks of SqueezeNet's shapes and drawn pictures (${why})`,
    (name) => squeezenet({ version: name === 'squeezenet-1.1' ? '1.1' : '1.0' }),
    SHORTER,
    SQUEEZENET_DENSITIES,
  );
}

/** The same for networks of some thousand weights: what shows in seconds that everything works. */
export const smallMaterial = (): Material =>
  generatedFrom('GENERATED small networks and drawn pictures, to see that everything works', smallNetwork, 40, {
    'fire2/expand3x3/kernel': 0.33,
    'conv10/kernel': 0.5,
  });

function generatedFrom(
  note: string,
  layersOf: (name: NetworkName) => Layer[],
  side: number,
  densities: Readonly<Record<string, number>>,
): Material {
  const random = seededRandom(0).fork('generated material');
  return {
    source: 'generated',
    note,
    sha256: {},
    async network(name) {
      const dense = initialize(layersOf(name), random.fork(name), NETWORKS[name].title);
      if (name !== 'squeezenet-released') return dense;
      const stages = [magnitudePrune({ keep: { byName: densities } }), shareWeights({ bits: 8, weights: kernels })];
      return run(dense, stages, { random: random.fork('released') });
    },
    images: async (name) => generateImages(name, DRAWN, side, random.fork(name)),
  };
}

const smallNetwork = (name: NetworkName): Layer[] =>
  sequence(
    [3, 32, 32],
    [
      { kind: 'conv2d', name: 'conv1', filters: name === 'squeezenet-1.1' ? 8 : 12, kernelSize: 3, stride: 2 },
      { kind: 'relu', name: 'relu_conv1' },
      { kind: 'pool', name: 'pool1', size: 3, stride: 2, rounding: 'floor' },
      fire('fire2', { squeeze: 8, expand1x1: 16 }),
      { kind: 'conv2d', name: 'conv10', filters: 10, kernelSize: 1 },
      { kind: 'pool', name: 'pool10', mode: 'average', size: 'global' },
      { kind: 'flatten', name: 'flatten' },
    ],
    { scale: 1 / 128, mean: [1, 1, 1] },
  );
