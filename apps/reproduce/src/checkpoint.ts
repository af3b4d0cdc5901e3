import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { readIfThere, writeWhole } from '@pare/cli/whole-file';
import type { Model } from '@pare/core';
import type { TrainState, TrainStore } from '@pare/tfjs';

/** Where a run stands: the models after each finished phase, and the current one after `step` stages of phase `phase`. */
export interface RunState {
  /** Describes recipe, mode, seed and data: a checkpoint of something else is not gone on from. */
  readonly key: string;
  /** Describes each phase begun so far: a phase that has been changed since is run anew, those before it are not. */
  readonly phaseKeys: readonly string[];
  readonly phase: number;
  readonly step: number;
  readonly model: Model;
  readonly finished: readonly Model[];
  readonly seconds: number;
}

/** The checkpoint of one run, in two files: the run's own and that of the training in progress, which knows what it belongs to. */
export interface Checkpoint {
  read(): RunState | undefined;
  write(state: RunState): void;
  readonly training: TrainStore;
  /** Puts an older run's checkpoint aside, as `….old`: it may have taken hours. Says whether there was one. */
  setAside(): boolean;
}

/**
 * Takes from a checkpoint what still holds for a recipe that may have changed: the finished phases up to the first that is
 * no longer the same, and what was done of the next if that one is.
 *
 * @param phaseKeys - describe the recipe's phases as they are now
 */
export function stillValid(state: RunState, phaseKeys: readonly string[], fresh: Model): RunState {
  const same = phaseKeys.findIndex((key, i) => key !== state.phaseKeys[i]);
  const valid = same < 0 ? phaseKeys.length : same;
  if (valid > state.phase || (valid === state.phase && state.phase === phaseKeys.length)) return state;
  const finished = state.finished.slice(0, valid);
  return {
    ...state,
    phase: valid,
    step: 0,
    phaseKeys: phaseKeys.slice(0, valid),
    finished,
    model: finished.at(-1) ?? fresh,
  };
}

/**
 * Keeps a run's checkpoint in a folder.
 *
 * @throws Error if a file is there but is no checkpoint, naming it and the repair
 */
export function checkpointIn(folder: string): Checkpoint {
  const runFile = join(folder, 'checkpoint.bin');
  const trainingFile = join(folder, 'training.bin');
  return {
    read: () => load<RunState>(runFile),
    write: (state) => writeWhole(runFile, serialize(state)),
    training: {
      read: () => load<TrainState>(trainingFile),
      write: (state) => writeWhole(trainingFile, serialize(state)),
    },
    setAside() {
      const there = [runFile, trainingFile].filter((file) => existsSync(file));
      for (const file of there) renameSync(file, `${file}.old`);
      return there.length > 0;
    },
  };
}

function load<T>(path: string): T | undefined {
  const bytes = readIfThere(path);
  if (!bytes) return undefined;
  try {
    return deserialize(bytes) as T;
  } catch (cause) {
    throw new Error(`${path} is damaged: run again without --resume to start afresh`, { cause });
  }
}
