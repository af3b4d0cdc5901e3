import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialize, lenet5, withWeights } from '@pare/architectures';
import { type Model, type Random, retrain, run, type TrainBudget, weightOf } from '@pare/core';
import { type Densities, eyeriss, type NetworkCost } from '@pare/hardware';
import { importModel, openSource, safetensors } from '@pare/interop';
import {
  type EnergyAwareOptions,
  energyAwarePrune,
  outputError,
  type PruneRowsOptions,
  priceNetwork,
  pruneRows,
  type RoundReport,
} from '@pare/plugin-energy-aware';
import { activationDensities, createCalibration, createTrainer, type Examples, evaluate, startWasm } from '@pare/tfjs';
import { findDataFolder } from '../data/data-folder.ts';
import type { MnistData } from '../data/mnist.ts';
import { holdBack } from '../data/split.ts';
import { keptShares } from './kept-shares.ts';

/** Ways of pruning that are set beside each other under the same search, data and training. */
const METHODS: Readonly<Record<string, PruneRowsOptions>> = {
  'energy-aware': {},
  magnitude: { selection: 'magnitude', refit: false },
};

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
const HARDWARE = eyeriss();
const WORKLOAD = { batch: 1 } as const;

/** Prunes LeNet-5 by energy and by magnitude, from the same weights and with the same of everything else. */
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
  const priced = async (network: Model) =>
    priceNetwork({ hardware: HARDWARE, workload: WORKLOAD }, network, await densitiesOf(network));
  const measured = async (network: Model) => ({
    cost: await priced(network),
    densities: keptShares(network),
    heldBackError: (await evaluate(network, validation)).error,
    testError: (await evaluate(network, data.test)).error,
  });
  report('local errors', 0.02);
  const local = await localErrors(model, all, settings);
  const pruned: PrunedLenet[] = [];
  for (const [i, [method, options]] of Object.entries(METHODS).entries()) {
    const rounds: Omit<RoundReport, 'model'>[] = [];
    const trainer = createTrainer({ train, validation, random: random.fork('training'), teacher: model });
    const stage = energyAwarePrune({
      hardware: HARDWARE,
      workload: WORKLOAD,
      calibration,
      densitiesOf,
      fineTune,
      ...search,
      local: options,
      onRound: ({ model: _, ...round }) => void rounds.push(round),
    });
    const result = await run(model, [stage], {
      random: random.fork('pruning'),
      trainer,
      signal,
      onProgress({ stage: name, fraction = 0 }) {
        if (name === stage.name) report(method, 0.05 + (0.95 * (i + fraction)) / Object.keys(METHODS).length);
      },
    });
    pruned.push({ method, rounds, ...(await measured(result)) });
  }
  return { dense: await measured(model), pruned, local };
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
  const file = 'lenet-5_dense.safetensors';
  const bytes = readFileSync(join(folder.path, 'lenet', file));
  const { model } = await importModel(openSource({ name: file, bytes }), { importers: [safetensors] });
  return withWeights(lenet5(), model.weights, 'LeNet-5');
}

const first = <E extends Examples>(examples: E, count: number): Examples => {
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

/** What the outputs of one layer miss at one density, by method, as a share of their squares. */
export interface LocalErrors {
  readonly layer: string;
  readonly density: number;
  readonly magnitude: number;
  readonly magnitudeRefitted: number;
  readonly restored: number;
  readonly restoredRefitted: number;
}

/** On real activations: weights are chosen and fitted on some examples, the error is of others. */
async function localErrors(
  model: Model,
  examples: Examples,
  { random, calibration: count, localDensities }: LenetSettings,
): Promise<readonly LocalErrors[]> {
  if (localDensities.length === 0) return [];
  const size = examples.pixels.length / examples.count;
  const half = Math.floor(Math.min(2 * count, examples.count) / 2);
  const part = (from: number): Examples => ({
    pixels: examples.pixels.subarray(from * size, (from + half) * size),
    count: half,
    shape: examples.shape,
  });
  const [fitted, judged] = await Promise.all(
    [part(0), part(half)].map((each, i) =>
      createCalibration(model, each, { random: random.fork(`local ${i}`), heldBack: 0.02 }).statistics(model, {
        fisher: false,
      }),
    ),
  );
  return [...fitted!].flatMap(([kernel, { inputSecondMoment: inputs }]) => {
    const { shape, form } = weightOf(model, kernel);
    if (form.kind !== 'dense') return [];
    const rows = shape[0]!;
    return localDensities.map((density) => {
      const error = (options: PruneRowsOptions) => {
        const { values } = pruneRows(form.values, rows, { inputs }, density, { perFilter: 'evenly', ...options });
        return outputError(judged!.get(kernel)!.inputSecondMoment, form.values, values, rows);
      };
      return {
        layer: kernel.replace('/kernel', ''),
        density,
        magnitude: error({ selection: 'magnitude', refit: false }),
        magnitudeRefitted: error({ selection: 'magnitude' }),
        restored: error({ refit: false }),
        restoredRefitted: error({}),
      };
    });
  });
}
