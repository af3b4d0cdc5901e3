import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { readIfThere, writeWhole } from '@pare/cli/whole-file';
import type { LayerStatistics, Model, Random } from '@pare/core';
import { answersOf, createCalibration } from '@pare/tfjs';
import { type Crops, centreCrops } from '../data/crops.ts';
import { holdBackFifth } from '../data/fifth.ts';
import { compareAnswers, type Statistics } from '../judgement/statistics.ts';
import { keepIn } from '../kept.ts';
import { fingerprint } from '../ladder/fingerprint.ts';
import type { Material } from '../ladder/material.ts';

/** SqueezeNet v1.0, the images it is asked about, and what they tell. */
export interface Bench {
  readonly model: Model;
  readonly images: {
    /** To learn from: four fifths of one set. The same uncut, and a few of them on which zeros are counted. */
    readonly calibration: Crops;
    readonly large: Crops;
    readonly counted: Crops;
    /** To choose by: the last fifth. */
    readonly held: Crops;
    /** Another set, which is looked at when nothing is left to choose. */
    readonly judges: Crops;
  };
  statistics(): Promise<ReadonlyMap<string, LayerStatistics>>;
  /** With the answers of the network that all come from. */
  compare(network: Model, what: 'held' | 'judges'): Promise<Statistics>;
  /** What was made of a network before, if it may be taken; else it is made and kept. */
  kept<T>(name: string, of: Model, make: () => Promise<T>): Promise<T>;
  /** Where training keeps how far it is. */
  store<T>(name: string): { read(): T | undefined; write(state: T): void };
}

export interface BenchOptions {
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly report: (stage: string, done: number) => void;
  readonly folder: string;
  readonly resume: boolean;
  readonly counted: number;
}

/** Lays everything out. */
export async function createBench(
  material: Material,
  { random, signal, report, folder, resume, counted }: BenchOptions,
): Promise<Bench> {
  const model = await material.network('squeezenet-1.0');
  const side = model.layers.find(({ kind }) => kind === 'input')!.outputShape[1]!;
  const set = await material.images('imagenet-sample', { signal });
  const fifth = holdBackFifth(set.labels ?? set.images.length, random.fork('held back'));
  const shuffled = random.fork('counted').shuffle(Uint32Array.from(fifth.calibration));
  const images = {
    calibration: centreCrops(set, side, fifth.calibration),
    large: centreCrops(set, Math.min(...set.images.flatMap(({ width, height }) => [width, height])), fifth.calibration),
    counted: centreCrops(set, side, shuffled.subarray(0, counted)),
    held: centreCrops(set, side, fifth.heldBack),
    judges: centreCrops(await material.images('nips2017-dev', { signal }), side),
  };
  const work = join(folder, 'work');
  const keep = keepIn(work);
  const basis = [material.sha256, random.fork('key').uint32(), counted];
  const kept: Bench['kept'] = (name, of, make) => keep(name, JSON.stringify([basis, fingerprint(of)]), make, resume);
  const onProgress = (done: number): void => report(`asking ${images.calibration.count} images`, 0.2 * done);
  return {
    model,
    images,
    kept,
    // One image is held back, for form's sake: the fifth is.
    statistics: () =>
      kept('statistics', model, () =>
        createCalibration(model, images.calibration, { heldBack: 1 / images.calibration.count }).statistics(model, {
          signal,
          onProgress,
        }),
      ),
    async compare(network, what) {
      const asked = images[what];
      const original = await kept(`answers-${what}`, model, () => answersOf(model, asked, { signal }));
      return compareAnswers(await answersOf(network, asked, { signal }), original, asked.labels, asked.count);
    },
    store<T>(name: string) {
      const path = join(work, `${name}.bin`);
      return {
        read: () => {
          const bytes = resume ? readIfThere(path) : undefined;
          return bytes && (deserialize(bytes) as T); // the trainer knows what it belongs to
        },
        write: (state: T) => writeWhole(path, serialize(state)),
      };
    },
  };
}
