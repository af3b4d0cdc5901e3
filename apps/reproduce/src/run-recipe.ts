import { join } from 'node:path';
import { initialize } from '@pare/architectures';
import { readIfThere, writeWhole } from '@pare/cli/whole-file';
import { type Progress, partsOf, run, type Stage, seededRandom } from '@pare/core';
import { createTrainer, startWasm } from '@pare/tfjs';
import { checkpointIn, type RunState, stillValid } from './checkpoint.ts';
import type { MnistData } from './data/mnist.ts';
import { holdBack } from './data/split.ts';
import { judge } from './judge.ts';
import type { Mode, Phase, Recipe } from './recipe.ts';
import { addedTo } from './recipe-plugins.ts';
import type { Result } from './result.ts';

/** Examples held back from training for every choice. */
const HELD_BACK = 5000;

export interface RunOptions {
  readonly mode: Mode;
  readonly seed: number;
  readonly data: MnistData;
  /** Receives the result, the `.pare` file and checkpoints. */
  readonly folder: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RecipeProgress) => void;
}

export interface RecipeProgress extends Progress {
  readonly phase: string;
  /** Done share of all training that the recipe asks for, 0 … 1. */
  readonly done: number;
  /** Estimated; undefined until there is something to estimate from. */
  readonly secondsLeft?: number;
}

/** Runs a recipe from beginning (or checkpoint) to result. What is measured at the end is the decoded file. */
export async function runRecipe(recipe: Recipe, options: RunOptions): Promise<Result> {
  const { mode, seed, data, folder, resume, signal, onProgress } = options;
  await startWasm();
  const random = seededRandom(seed);
  const { train, validation } = holdBack(
    data.train,
    Math.min(HELD_BACK, data.train.count >> 3),
    random.fork('held back'),
  );
  const phases = recipe.phases(mode);
  const checkpoint = checkpointIn(folder);
  const fresh = initialize(recipe.layers(), random.fork('weights'), recipe.name);
  const added = recipe.plugins?.map(({ name }) => name) ?? [];
  const key = JSON.stringify([CHECKPOINT, recipe.name, mode, seed, data.sha256, fresh.layers, ...added]);
  const phaseKeys = phases.map((phase) => JSON.stringify(phase));
  const saved = resume ? checkpoint.read() : undefined;
  if (saved && saved.key !== key) {
    throw new Error(`the checkpoint of ${recipe.name} is of another seed, data or version: run again without --resume`);
  }
  if (!resume) checkpoint.setAside();
  const begun = { key, phaseKeys: phaseKeys.slice(0, 1), phase: 0, step: 0, model: fresh, finished: [], seconds: 0 };
  let state: RunState = saved ? stillValid(saved, phaseKeys, fresh) : begun;
  const result = state.phase === phases.length ? finishedResult(folder, key, phaseKeys) : undefined;
  if (result) return result; // finished before: nothing to train, and nothing to judge a second time
  if (state !== saved) checkpoint.write(state);

  const started = performance.now();
  const secondsBefore = state.seconds;
  const seconds = (): number => secondsBefore + (performance.now() - started) / 1000;
  const clock = progressClock(phases, seconds);

  for (; state.phase < phases.length; ) {
    const { name, stages, from } = phases[state.phase]!;
    if (from !== undefined && state.step === 0) {
      state = { ...state, model: state.finished[phases.findIndex((phase) => phase.name === from)]! };
    }
    state = { ...state, phaseKeys: phaseKeys.slice(0, state.phase + 1) };
    const trainer = createTrainer({
      train,
      validation,
      ...(state.finished[0] && { teacher: state.finished[0] }),
      parametrizations: addedTo(recipe).forms,
      random,
      store: checkpoint.training,
    });
    const model = await run(state.model, stages, {
      random: random.fork(name),
      trainer,
      signal,
      from: state.step,
      onProgress: (progress) => onProgress({ ...progress, phase: name, ...clock(state, progress) }),
      onStage(index, _stage, current) {
        state = { ...state, model: current, step: index + 1, seconds: seconds() };
        checkpoint.write(state);
      },
    });
    state = {
      ...state,
      phase: state.phase + 1,
      step: 0,
      model,
      finished: [...state.finished, model],
      seconds: seconds(),
    };
    checkpoint.write(state);
  }

  const resumed = saved !== undefined;
  const judged = judge(recipe, options, { phases, models: state.finished, validation, seconds: seconds(), resumed });
  writeWhole(join(folder, 'finished.json'), `${JSON.stringify({ key, phaseKeys })}\n`);
  return judged;
}

/** Part of every checkpoint's key: raised when old ones can no longer be read. */
const CHECKPOINT = 2;

/** The result of an earlier run of the very same phases, if it came to its end. */
function finishedResult(folder: string, key: string, phaseKeys: readonly string[]): Result | undefined {
  const marker = readIfThere(join(folder, 'finished.json'))?.toString();
  const result = readIfThere(join(folder, 'result.json'))?.toString();
  return result && marker?.trim() === JSON.stringify({ key, phaseKeys }) ? (JSON.parse(result) as Result) : undefined;
}

/** Tells how far a run is and how long it will take, counted in epochs of training. */
function progressClock(phases: readonly Phase[], seconds: () => number) {
  const epochs = phases.map(({ stages }) => stages.flatMap(partsOf).map(epochsOf));
  const total = sum(epochs.flat());
  let reference: { readonly done: number; readonly seconds: number } | undefined;
  return (state: RunState, progress: Progress): { readonly done: number; readonly secondsLeft?: number } => {
    const current = epochs[state.phase]!;
    const before = sum(epochs.slice(0, state.phase).flat()) + sum(current.slice(0, state.step));
    const done = (before + (progress.fraction ?? 0) * (current[state.step] ?? 0)) / total;
    reference ??= { done, seconds: seconds() };
    const gained = done - reference.done;
    if (gained <= 0.002) return { done };
    return { done, secondsLeft: ((seconds() - reference.seconds) / gained) * (1 - done) };
  };
}

const epochsOf = (stage: Stage): number => (stage.options as { epochs?: number } | undefined)?.epochs ?? 0;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
