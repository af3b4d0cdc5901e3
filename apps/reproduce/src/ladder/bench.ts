import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Model, Random } from '@pare/core';
import { answersOf } from '@pare/tfjs';
import { type Crops, centreCrops } from '../data/crops.ts';
import { type Fifth, holdBackFifth } from '../data/fifth.ts';
import type { ImageSet, ImageSetName } from '../data/image-set.ts';
import type { NetworkName } from '../data/networks.ts';
import { compareAnswers, type Statistics } from '../judgement/statistics.ts';
import { keepIn, keptAt } from '../kept.ts';
import type { Mode } from '../recipe.ts';
import { fingerprint } from './fingerprint.ts';
import type { Material } from './material.ts';
import type { Row, RowContext } from './row.ts';

export interface BenchOptions {
  readonly mode: Mode;
  readonly seed: number;
  readonly material: Material;
  /** Receives the result, the report, each row's `.pare` file and result, and what rows keep for going on. */
  readonly folder: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
}

/** Where rows are worked on and judged. */
export interface Bench {
  /** What a row may use. Images that judge are not among it. */
  context(row: Row, report: RowContext['report']): RowContext;
  /** Compares a network with the one it was made from, on the held-back fifth. */
  tryOut: RowContext['tryOut'];
  /** The same on the images that judge. */
  judge(model: Model, against: NetworkName): Promise<Statistics>;
  /** What each of the images that judge shows. */
  titles(): Promise<readonly string[]>;
}

/** Keeps networks, images and the original networks' answers for as long as a run lasts. */
export function createBench({ mode, seed, material, folder, resume, signal }: BenchOptions, random: Random): Bench {
  const networks = new Map<NetworkName, Promise<Model>>();
  const sets = new Map<ImageSetName, Promise<ImageSet>>();
  const crops = new Map<string, Crops>();
  const network = (name: NetworkName): Promise<Model> => cached(networks, name, () => material.network(name));
  const images = (name: ImageSetName): Promise<ImageSet> => cached(sets, name, () => material.images(name, { signal }));
  const fifthOf = (set: ImageSet): Fifth => holdBackFifth(set.labels ?? set.images.length, random.fork('held back'));

  async function cropsFor(model: Model, what: 'calibration' | 'heldBack' | 'judges'): Promise<Crops> {
    const side = sideOf(model);
    const key = `${what} ${side}`;
    const known = crops.get(key);
    if (known) return known;
    const set = await images(what === 'judges' ? 'nips2017-dev' : 'imagenet-sample');
    const cut = centreCrops(set, side, what === 'judges' ? undefined : fifthOf(set)[what]);
    crops.set(key, cut);
    return cut;
  }

  /** The originals' answers are asked for by every row, and by every run that goes on: they are kept in the folder. */
  async function originalAnswers(name: NetworkName, what: 'heldBack' | 'judges', asked: Crops): Promise<Float32Array> {
    const key = JSON.stringify([fingerprint(await network(name)), asked.count, asked.shape]);
    return keepInFolder(`answers-${name}-${what}`, key, async () => answersOf(await network(name), asked, { signal }));
  }

  const keep = keepIn(join(folder, 'work'));
  const keepInFolder = <T>(name: string, asked: string, make: () => Promise<T>, known = true): Promise<T> =>
    keep(name, JSON.stringify([asked, material.sha256, random.fork('held back').uint32()]), make, known);

  async function compare(
    model: Model,
    against: NetworkName,
    what: 'heldBack' | 'judges',
    most = Number.POSITIVE_INFINITY,
  ): Promise<Statistics> {
    const whole = await cropsFor(model, what);
    const answersToAll = await originalAnswers(against, what, whole);
    const asked = firstOf(whole, most);
    const original = answersToAll.subarray(0, (answersToAll.length / whole.count) * asked.count);
    const same = fingerprint(model) === fingerprint(await network(against));
    const answers = same ? original : await answersOf(model, asked, { signal });
    return compareAnswers(answers, original, asked.labels, asked.count);
  }

  const things = new Map<string, Promise<unknown>>();
  const tryOut = (model: Model, against: NetworkName, count?: number) => compare(model, against, 'heldBack', count);
  const context = (row: Row, report: RowContext['report']): RowContext => ({
    kept(name) {
      const place = keptAt(join(folder, 'work', row.id, `${name}.bin`), rowKey(row, mode, seed, material));
      return resume ? place : { ...place, read: () => undefined };
    },
    mode,
    material: material.source,
    random: random.fork(row.id),
    signal,
    report,
    network,
    async pictures() {
      const set = await images('imagenet-sample');
      return { set, fifth: fifthOf(set) };
    },
    calibration: (model) => cropsFor(model, 'calibration'),
    heldBack: (model) => cropsFor(model, 'heldBack'),
    tryOut,
    shared: <T>(name: string, key: string, make: () => Promise<T>) =>
      cached(things, name, () => keepInFolder(name, key, make, resume)) as Promise<T>,
    once: <T>(name: string, make: () => Promise<T>) => cached(things, name, make) as Promise<T>, // whoever uses a name knows its type
  });
  return {
    context,
    tryOut,
    judge: (model: Model, against: NetworkName) => compare(model, against, 'judges'),
    titles: async (): Promise<readonly string[]> => (await images('nips2017-dev')).titles,
  };
}

function firstOf({ pixels, labels, count, shape }: Crops, most: number): Crops {
  if (most >= count) return { pixels, ...(labels && { labels }), count, shape };
  const size = pixels.length / count;
  return {
    pixels: pixels.subarray(0, most * size),
    ...(labels && { labels: labels.subarray(0, most) }),
    count: most,
    shape,
  };
}

function cached<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Pixels a side of a network's input. */
function sideOf(model: Model): number {
  const side = model.layers.find(({ kind }) => kind === 'input')?.outputShape[1];
  if (side === undefined)
    throw new RangeError('createBench: a network without an input of pixels cannot be judged on images');
  return side;
}

/** Part of every row's key: raised when old rows can no longer be taken for new ones. */
const ROWS = 1;

/** Describes what a finished row, or one in progress, belongs to. */
export const rowKey = ({ id }: Row, mode: Mode, seed: number, { source, sha256 }: Material): string =>
  createHash('sha256')
    .update(JSON.stringify([ROWS, id, mode, seed, source, sha256]))
    .digest('hex');
