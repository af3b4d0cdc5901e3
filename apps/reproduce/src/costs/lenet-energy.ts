import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialize, lenet5, withWeights } from '@pare/architectures';
import { type Model, type Random, retrain, run, type Stage, type TrainBudget, type Trainer } from '@pare/core';
import { type Densities, eyeriss, type NetworkCost } from '@pare/hardware';
import { importModel, openSource, safetensors } from '@pare/interop';
import {
  type EnergyAwareOptions,
  energyAwarePrune,
  netAdapt,
  type PruneRowsOptions,
  priceNetwork,
  type RoundReport,
} from '@pare/plugin-energy-aware';
import { activationDensities, createCalibration, createTrainer, type Examples, evaluate, startWasm } from '@pare/tfjs';
import { findDataFolder } from '../data/data-folder.ts';
import type { MnistData } from '../data/mnist.ts';
import { holdBack } from '../data/split.ts';
import { keepIn } from '../kept.ts';
import { fingerprint } from '../ladder/fingerprint.ts';
import { keptShares } from './kept-shares.ts';
import { type LocalErrors, localErrors } from './local-errors.ts';

export interface LenetSettings {
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly report: (stage: string, done: number) => void;
  readonly training: number;
  readonly heldBack: number;
  readonly calibration: number;
  /** At which local errors are looked at. */
  readonly localDensities: readonly number[];
  readonly fineTune: TrainBudget;
  /** Share of the energy that NetAdapt comes down to, and how many examples its proposals are trained on. */
  readonly netAdapt: { readonly target: number; readonly training: number };
  /** Keeps what took long. */
  readonly folder: string;
  readonly resume: boolean;
  readonly search: Pick<EnergyAwareOptions, 'maxRise' | 'roundRise' | 'rounds' | 'tries'>;
}

/** A network pruned in one of the ways. */
export interface PrunedLenet {
  readonly method: string;
  readonly rounds: readonly Omit<RoundReport, 'model'>[];
  readonly cost: NetworkCost;
  readonly densities: Readonly<Record<string, number>>;
  readonly heldBackError: number;
  readonly testError: number;
}

export interface LenetStudy {
  readonly dense: Omit<PrunedLenet, 'rounds' | 'method'>;
  readonly pruned: readonly PrunedLenet[];
  readonly local: readonly LocalErrors[];
}

/** Batch 1, 16 bits, default gating. */
const OBJECTIVE = { hardware: eyeriss(), workload: { batch: 1 } } as const;

/**
 * Prunes LeNet-5 by energy and by magnitude, from the same weights and with the same of everything else; and by NetAdapt's simpler loop, which
 * trains each of its many proposals and so has fewer examples.
 */
export async function lenetEnergy(data: MnistData, settings: LenetSettings): Promise<LenetStudy> {
  const { random, signal, report, search, fineTune } = settings;
  await startWasm();
  const { train: all, validation } = holdBack(data.train, settings.heldBack, random.fork('held back'));
  const train = first(all, settings.training);
  const model = await denseLenet(data, train, validation, settings);
  const seen = first(train, settings.calibration);
  const calibration = createCalibration(model, seen, { random: random.fork('calibration'), heldBack: 0.02 });
  const densitiesOf = (network: Model): Promise<Readonly<Record<string, Densities>>> =>
    activationDensities(network, seen, { signal });
  const priced = async (network: Model) => priceNetwork(OBJECTIVE, network, await densitiesOf(network));
  const measured = async (network: Model) => ({
    cost: await priced(network),
    densities: keptShares(network),
    heldBackError: (await evaluate(network, validation)).error,
    testError: (await evaluate(network, data.test)).error,
  });
  report('local errors', 0.02);
  const local = await localErrors(model, all, {
    random: random.fork('local'),
    count: settings.calibration,
    densities: settings.localDensities,
  });
  const trainer = (examples: Examples) =>
    createTrainer({ train: examples, validation, random: random.fork('training'), teacher: model });
  const energyAware = (local: PruneRowsOptions): Way => ({
    trainer: trainer(train),
    stages: (onRound) => [
      energyAwarePrune({ ...OBJECTIVE, calibration, densitiesOf, fineTune, ...search, local, onRound }),
    ],
  });
  // The shortest first.
  const ways: Readonly<Record<string, Way>> = {
    NetAdapt: {
      trainer: trainer(first(train, settings.netAdapt.training)),
      stages: () => [
        netAdapt({
          ...OBJECTIVE,
          densitiesOf,
          target: settings.netAdapt.target,
          step: 0.3,
          shortTune: { ...fineTune, epochs: 1 },
          longTune: fineTune,
        }),
      ],
    },
    'energy-aware': energyAware({}),
    magnitude: energyAware({ selection: 'magnitude', refit: false }),
  };
  const keep = keepIn(join(settings.folder, 'work'));
  const { training, heldBack, calibration: asked, netAdapt: budget } = settings;
  const chance = random.fork('key').uint32();
  const key = JSON.stringify([
    data.sha256,
    fingerprint(model),
    chance,
    search,
    fineTune,
    training,
    heldBack,
    asked,
    budget,
  ]);
  const pruned: PrunedLenet[] = [];
  for (const [i, [method, way]] of Object.entries(ways).entries()) {
    const prune = async (): Promise<PrunedLenet> => {
      const rounds: Omit<RoundReport, 'model'>[] = [];
      const stages = way.stages(({ model: _, ...round }) => void rounds.push(round));
      const result = await run(model, stages, {
        random: random.fork('pruning'),
        trainer: way.trainer,
        signal,
        onProgress({ stage, fraction = 0 }) {
          if (stage === stages[0]!.name) report(method, 0.05 + (0.95 * (i + fraction)) / Object.keys(ways).length);
        },
      });
      return { method, rounds, ...(await measured(result)) };
    };
    pruned.push(await keep(`pruned-${method}`, key, prune, settings.resume));
  }
  return { dense: await measured(model), pruned, local };
}

/** A way of pruning that is set beside others. */
interface Way {
  readonly trainer: Trainer;
  readonly stages: (onRound: (round: RoundReport) => void) => readonly Stage[];
}

/** Of the folder's network; where there is none, one trained for a little. */
async function denseLenet(
  data: MnistData,
  train: Examples,
  validation: Examples,
  { random, fineTune }: LenetSettings,
): Promise<Model> {
  const folder = data.source === 'real' ? findDataFolder() : undefined;
  if (!folder) {
    const trainer = createTrainer({ train, validation, random });
    return run(
      initialize(lenet5(), random.fork('weights'), 'LeNet-5'),
      [retrain({ ...fineTune, distill: 0, learningRate: 0.002 })],
      { random, trainer },
    );
  }
  return folderLenet(folder.path);
}

/** The data folder's LeNet-5. */
export async function folderLenet(folder: string): Promise<Model> {
  const file = 'lenet-5_dense.safetensors';
  const bytes = readFileSync(join(folder, 'lenet', file));
  const { model } = await importModel(openSource({ name: file, bytes }), { importers: [safetensors] });
  return withWeights(lenet5(), model.weights, 'LeNet-5');
}

/** So many examples, from the front. */
const first = (examples: Examples, count: number): Examples => {
  const { pixels, labels, shape } = examples;
  const most = Math.min(count, examples.count);
  const size = pixels.length / examples.count;
  return {
    pixels: pixels.subarray(0, most * size),
    ...(labels && { labels: labels.subarray(0, most) }),
    count: most,
    shape,
  };
};
