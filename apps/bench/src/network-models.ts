import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { initialize, squeezenet, withWeights } from '@pare/architectures';
import { type Dense, type Model, run, seededRandom, type Weight } from '@pare/core';
import { decodeModel } from '@pare/format';
import { importModel, openSource } from '@pare/interop';
import { readNet } from '@pare/plugin-han2016';
import { magnitudePrune } from '@pare/pruning';
import { dataFolder } from './data-folder.ts';
import { numbersOf } from './numbers-of.ts';

/** A network to be run, and how it came to be. */
export interface BenchModel {
  readonly name: string;
  readonly model: Model;
}

/** What `pnpm reproduce` leaves. */
const ladder = fileURLToPath(new URL('../../reproduce/out/alexnet-to-squeezenet/', import.meta.url));

/** SqueezeNet v1.0 as its authors pruned and released it; of generated weights of the same density where the file is absent. */
export async function releasedModel(): Promise<BenchModel> {
  const file = `${dataFolder}/squeezenet/compressed_SqueezeNet.net`;
  const layers = squeezenet();
  if (existsSync(file)) {
    const { weights } = readNet(new Uint8Array(readFileSync(file)), layers);
    return named('as Han et al. released it', { layers, weights, history: [] });
  }
  const random = seededRandom(1);
  const pruned = await run(initialize(layers, random), [magnitudePrune({ keep: 0.33 })], { random });
  return named('generated weights', pruned);
}

/** SqueezeNet v1.0 with all its weights. */
export async function denseNetwork(): Promise<BenchModel> {
  const name = 'squeezenet/squeezenet_v1.0_caffe_dense.safetensors';
  if (!existsSync(`${dataFolder}/${name}`))
    return named('generated weights', initialize(squeezenet(), seededRandom(1)));
  const { model } = await importModel(
    openSource({ name, bytes: new Uint8Array(readFileSync(`${dataFolder}/${name}`)) }),
  );
  return named('dense', withWeights(squeezenet(), model.weights));
}

/**
 * What the ladder made of it for speed, with the accuracy that it was judged to have: `pnpm reproduce --full --rows squeezenet-third`.
 *
 * @returns undefined if the ladder has not run here
 */
export function thirdOfWork(): BenchModel | undefined {
  const [file, row] = ['full/squeezenet-third.pare', 'full/rows/squeezenet-third.json'].map((name) => ladder + name);
  if (!existsSync(file!) || !existsSync(row!)) return undefined;
  const { result } = JSON.parse(readFileSync(row!, 'utf8')) as { result: { judgement: Judgement } };
  const { count, accuracy } = result.judgement;
  const points = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const told = accuracy
    ? `, top-1 ${points(accuracy.top1)} of ${count} photographs (dense ${points(accuracy.original.top1)})`
    : '';
  return named(`a third of its multiplications${told}`, decodeModel(new Uint8Array(readFileSync(file!))));
}

/** As much of a judgement of the ladder as is told here. `accuracy` is null on generated images. */
interface Judgement {
  readonly count: number;
  readonly accuracy: { readonly top1: number; readonly original: { readonly top1: number } } | null;
}

/** Files of at most 420 kB that the ladder made, if it has run here. */
export function smallModels(): BenchModel[] {
  return ['full/squeezenet-best-420.pare', 'full/squeezenet-best.pare', 'quick/squeezenet-best.pare']
    .filter((name) => existsSync(ladder + name))
    .slice(0, 2)
    .map((name) => {
      const bytes = new Uint8Array(readFileSync(ladder + name));
      return named(`our ${(bytes.length / 1000).toFixed(0)} kB`, decodeModel(bytes));
    });
}

function named(what: string, model: Model): BenchModel {
  const density = Math.round(100 * densityOf(model));
  return { name: `SqueezeNet v1.0, ${what}, density ${(density / 100).toFixed(2)}`, model };
}

/** Share of numbers that are not zero. */
function densityOf(model: Model): number {
  let [nonzeros, count] = [0, 0];
  for (const { form } of denseModel(model).weights) {
    count += form.values.length;
    for (const value of form.values) nonzeros += Number(value !== 0);
  }
  return nonzeros / count;
}

/** The same network with every number stored. */
export function denseModel(model: Model): Omit<Model, 'weights'> & { readonly weights: readonly Weight<Dense>[] } {
  return {
    ...model,
    weights: model.weights.map((weight) => ({ ...weight, form: { kind: 'dense', values: numbersOf(weight) } })),
  };
}
