import { type Model, type Random, retrain, run, type TrainBudget } from '@pare/core';
import { eyeriss, type NetworkCost } from '@pare/hardware';
import { cheapestWithin, type KernelPlanOptions, priceNetwork, tradeOff } from '@pare/plugin-energy-aware';
import { activationDensities, createTrainer, randomCrops, startWasm, type TrainState } from '@pare/tfjs';
import type { Statistics } from '../judgement/statistics.ts';
import type { Material } from '../ladder/material.ts';
import { keptShares } from './kept-shares.ts';
import { type Bench, createBench } from './squeezenet-bench.ts';

/** Ways of pruning that are set beside each other under the same search and with the same images. */
export const METHODS = {
  'energy-aware': {},
  magnitude: { selection: 'magnitude', compensate: false },
  'magnitude, made up for': { selection: 'magnitude' },
} as const satisfies Readonly<Record<string, KernelPlanOptions>>;

export type Method = keyof typeof METHODS;

export interface SqueezenetSettings {
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly report: (stage: string, done: number) => void;
  /** Keeps what took long. */
  readonly folder: string;
  readonly resume: boolean;
  /** Divergences on held-back images, in nats, that each method is pruned to. */
  readonly divergences: readonly number[];
  /** Most networks for each. */
  readonly tries: number;
  /** Images on which zeros of activations are counted. */
  readonly counted: number;
  /** Networks that are trained once they are pruned, by distillation on the calibration images; absent: none. */
  readonly training?: {
    readonly fineTune: TrainBudget;
    /** To which divergences they are pruned before, in nats: chosen so that after it they are alike. */
    readonly from: Readonly<Partial<Record<Method, number>>>;
  };
}

/** A network pruned in one of the ways to one of the divergences. */
export interface PrunedSqueezenet {
  readonly method: Method;
  /** That was allowed before training, in nats. */
  readonly allowed: number;
  readonly trained: boolean;
  readonly cost: NetworkCost;
  readonly densities: Readonly<Record<string, number>>;
  readonly heldBack: Statistics;
  readonly judges: Statistics;
}

/** What was tried on the way: share of energy that was expected, and the divergence that came. */
export interface Attempt {
  readonly method: Method;
  readonly share: number;
  readonly divergence: number;
}

export interface SqueezenetStudy {
  readonly dense: NetworkCost;
  readonly pruned: readonly PrunedSqueezenet[];
  readonly attempts: readonly Attempt[];
  /** Number of images that were learned from, that chose, and that judged. */
  readonly counts: { readonly calibration: number; readonly heldBack: number; readonly judges: number };
}

/** 16 bits, default gating. */
const OBJECTIVE = { hardware: eyeriss(), workload: { batch: 48 } } as const;

/** Prunes SqueezeNet v1.0 by energy and by magnitude, from the same weights, images and search, until answers move by the same. */
export async function squeezenetEnergy(material: Material, settings: SqueezenetSettings): Promise<SqueezenetStudy> {
  await startWasm();
  const bench = await createBench(material, settings);
  const pruned: PrunedSqueezenet[] = [];
  const attempts: Attempt[] = [];
  const methods = Object.keys(METHODS) as Method[];
  for (const [i, method] of methods.entries()) {
    const report = (stage: string, done: number): void =>
      settings.report(`${method}: ${stage}`, 0.2 + (0.8 * (i + done)) / methods.length);
    for (const { allowed, trained, model, tried } of await prunedBy(method, bench, settings, report)) {
      report(`judging what moved by ${allowed}${trained ? ', trained' : ''}`, 0.9);
      attempts.push(...tried);
      pruned.push({
        ...{ method, allowed, trained },
        ...(await bench.kept(`judged-${method}-${allowed}${trained ? '-trained' : ''}`, model, async () => ({
          cost: await costOf(model, bench, settings.signal),
          densities: keptShares(model),
          heldBack: await bench.compare(model, 'held'),
          judges: await bench.compare(model, 'judges'),
        }))),
      });
    }
  }
  const { calibration, held, judges } = bench.images;
  return {
    dense: await costOf(bench.model, bench, settings.signal),
    pruned,
    attempts,
    counts: { calibration: calibration.count, heldBack: held.count, judges: judges.count },
  };
}

interface Made {
  readonly allowed: number;
  readonly trained: boolean;
  readonly model: Model;
  readonly tried: readonly Attempt[];
}

async function prunedBy(
  method: Method,
  bench: Bench,
  { divergences, tries, training, signal, random }: SqueezenetSettings,
  report: (stage: string, done: number) => void,
): Promise<readonly Made[]> {
  const { model, kept, compare, statistics } = bench;
  const prepared = () =>
    tradeOff(model, {
      ...OBJECTIVE,
      calibration: { statistics },
      densitiesOf: (network) => activationDensities(network, bench.images.counted, { signal }),
      local: METHODS[method],
      signal,
      onProgress: (done) => report('what each layer bears', 0.3 * done),
    });
  let traded: Awaited<ReturnType<typeof prepared>> | undefined;
  let ratio = 1; // of the divergence expected to the one that came
  const made: Made[] = [];
  const trainedFrom = training?.from[method];
  const wanted = [...new Set([...divergences, ...(trainedFrom === undefined ? [] : [trainedFrom])])];
  for (const [j, allowed] of wanted.entries()) {
    const done = 0.3 + (0.6 * j) / wanted.length;
    const found = await kept(`pruned-${method}-${allowed}-${tries}`, model, async () => {
      traded ??= await prepared();
      const tried: Attempt[] = [];
      const best = await cheapestWithin(traded, (network) => compare(network, 'held'), {
        maxDivergence: allowed,
        expected: ratio * allowed,
        tries,
        onTry({ share, drift: { divergence } }) {
          tried.push({ method, share, divergence });
          report(`${(100 * share).toFixed(1)} % of the energy moves answers by ${divergence.toFixed(4)}`, done);
        },
      });
      const tells = best !== undefined && best.harm > 0 && best.drift.divergence > 0;
      return { model: best?.model ?? model, tried, ratio: tells ? best.harm / best.drift.divergence : 1 };
    });
    ratio = found.ratio;
    made.push({ allowed, trained: false, model: found.model, tried: found.tried });
    if (!training || allowed !== trainedFrom) continue;
    const { fineTune } = training;
    const trained = await kept(`trained-${method}-${allowed}-${JSON.stringify(fineTune)}`, found.model, () => {
      const trainer = createTrainer({
        train: bench.images.large,
        validation: bench.images.held,
        teacher: model,
        augmentation: randomCrops,
        random: random.fork('trainer'),
        store: bench.store<TrainState>(`training-${method}-${allowed}`),
      });
      return run(found.model, [retrain(fineTune)], {
        random: random.fork('training'),
        trainer,
        signal,
        onProgress: ({ epoch, divergence }) =>
          report(`epoch ${epoch ?? 1}${divergence === undefined ? '' : `, ${divergence.toFixed(4)} nats`}`, done),
      });
    });
    made.push({ allowed, trained: true, model: trained, tried: [] });
  }
  return made;
}

/** With the activations that the network itself makes. */
const costOf = async (network: Model, { images }: Bench, signal: AbortSignal): Promise<NetworkCost> =>
  priceNetwork(OBJECTIVE, network, await activationDensities(network, images.counted, { signal }));
