import {
  checkModel,
  type Model,
  type Progress,
  placedWeights,
  type Stage,
  seededRandom,
  type Trainer,
} from '@pare/core';
import fc from 'fast-check';
import { type ContractCase, demand, describeContract } from './contract.ts';
import type { BuiltInKind } from './forms.ts';
import { hardModels, smallNetwork, smallNetworks, withValues } from './models.ts';
import { difference, same } from './same.ts';

export interface StageContractOptions {
  /** The forms of the kernels of the models tried; default dense and masked. */
  readonly kinds?: readonly BuiltInKind[];
  /** Models to try besides those of the house. */
  readonly models?: readonly Model[];
  /** Makes a trainer for stages that need one, for example `restlessTrainer`. Called for each run. */
  readonly trainer?: () => Trainer;
  /** Of the chance in the checks; default 1. */
  readonly seed?: number;
  /** Random models for each check; default 20. */
  readonly runs?: number;
}

/** Registers the contract of stages with vitest. */
export function describeStage(name: string, makeStage: () => Stage, options: StageContractOptions = {}): void {
  describeContract(`stage ${name}`, stageContract(makeStage, options));
}

/**
 * The contract of stages, as plain functions.
 *
 * @param makeStage - makes the stage anew for each run
 */
export function stageContract(makeStage: () => Stage, options: StageContractOptions = {}): readonly ContractCase[] {
  const { kinds = ['dense', 'masked'], models = [], trainer, seed = 1, runs = 20 } = options;

  const apply = async (stage: Stage, model: Model, onProgress: (progress: Progress) => void = () => {}) =>
    stage.run(model, {
      random: seededRandom(seed).fork('stage'),
      ...(trainer && { trainer: trainer() }),
      report: onProgress,
    });

  /** Tries hard models, those of the caller, and random ones. */
  const onModels = async (check: (model: Model, label: string) => Promise<void>) => {
    for (const { name, value } of hardModels(kinds)) await check(value, name);
    for (const [i, model] of models.entries()) await check(model, `models[${i}]`);
    await fc.assert(
      fc.asyncProperty(smallNetworks(kinds), (model) => check(model, 'random model')),
      { seed, numRuns: runs },
    );
  };

  return [
    {
      name: 'has a name, and options that are plain data',
      check() {
        const { name, options } = makeStage();
        demand(typeof name === 'string' && name.length > 0, () => 'a stage needs a name');
        const written = options === undefined ? undefined : JSON.parse(JSON.stringify(options));
        const differs = difference(options, written, 'options');
        demand(differs === undefined, () => `JSON does not hold the options: ${differs}`);
      },
    },
    {
      name: 'leaves its input untouched',
      check: () =>
        onModels(async (model, label) => {
          const before = structuredClone(model);
          await apply(makeStage(), deepFrozen(model));
          const changed = difference(before, model, 'model');
          demand(changed === undefined, () => `${label}: the input was changed: ${changed}`);
        }),
    },
    {
      name: 'repeats itself under the same seed, byte for byte',
      check: () =>
        onModels(async (model, label) => {
          const stage = makeStage();
          const first = structuredClone(await apply(stage, model));
          for (const [again, which] of [
            [await apply(stage, model), 'run twice'],
            [await apply(makeStage(), structuredClone(model)), 'made anew'],
          ] as const) {
            const differs = difference(first, again, 'model');
            demand(differs === undefined, () => `${label}, ${which}: ${differs}`);
          }
        }),
    },
    {
      name: 'keeps names, order and shapes',
      check: () =>
        onModels(async (model, label) => {
          const after = await apply(makeStage(), model);
          const outline = ({ weights }: Model) => weights.map(({ name, shape }) => ({ name, shape: [...shape] }));
          const differs =
            difference(outline(model), outline(after), 'weights') ?? difference(model.layers, after.layers, 'layers');
          demand(differs === undefined, () => `${label}: ${differs}`);
        }),
    },
    {
      name: 'keeps the history it was given',
      check: () =>
        onModels(async (model, label) => {
          const after = await apply(makeStage(), model);
          const kept = after.history.slice(0, model.history.length);
          demand(same(model.history, kept), () => `${label}: history expected to begin as before`);
        }),
    },
    {
      name: 'returns the weights it has not changed as they are',
      check: () =>
        onModels(async (model, label) => {
          const after = await apply(makeStage(), model);
          after.weights.forEach((weight, i) => {
            const before = model.weights[i];
            demand(
              weight === before || !same(weight.form, before?.form),
              () => `${label}: "${weight.name}" was copied although nothing in it changed`,
            );
          });
        }),
    },
    {
      name: 'makes a model that hangs together',
      check: () =>
        onModels(async (model) => {
          checkModel(await apply(makeStage(), model));
        }),
    },
    {
      name: 'reports progress between 0 and 1',
      check: () =>
        onModels(async (model, label) => {
          await apply(makeStage(), model, ({ fraction = 0 }) =>
            demand(fraction >= 0 && fraction <= 1, () => `${label}: fraction expected 0 … 1, got ${fraction}`),
          );
        }),
    },
    {
      name: 'refuses a NaN where it works, naming the weight',
      async check() {
        const model = smallNetwork();
        for (const { weight } of placedWeights(model).filter(({ role }) => role === 'kernel')) {
          const broken = withValues(model, weight.name, (i) => (i === 3 ? Number.NaN : i / 8 - 0.4));
          let after: Model;
          try {
            after = await apply(makeStage(), broken);
          } catch (error) {
            const clear = error instanceof RangeError || error instanceof TypeError;
            demand(
              clear && error.message.includes(weight.name) && /NaN|finite/.test(error.message),
              () => `NaN in "${weight.name}": expected a RangeError or TypeError that says so, got ${error}`,
            );
            continue;
          }
          // A stage that has nothing to do with this weight may pass it on.
          const [given, returned] = [broken, after].map((m) => m.weights.find(({ name }) => name === weight.name));
          demand(given === returned, () => `NaN in "${weight.name}" was accepted`);
        }
      },
    },
  ];
}

/** Freezes objects and arrays; typed arrays cannot be frozen and are compared instead. */
function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFrozen(inner);
  return Object.freeze(value);
}
