import { join } from 'node:path';
import { initialize } from '@pare/architectures';
import { type Progress, parameterCount, partsOf, run, type Stage, seededRandom } from '@pare/core';
import { decodeModel, describeFile, encodeModel } from '@pare/format';
import { createTrainer, evaluate, startWasm } from '@pare/tfjs';
import { checkpointIn, type RunState } from './checkpoint.ts';
import { type Judged, judgeClaims } from './claims.ts';
import type { MnistData } from './data/mnist.ts';
import { holdBack } from './data/split.ts';
import { readIfThere, writeWhole } from './files.ts';
import type { Mode, Phase, Recipe } from './recipe.ts';
import { freeSizes, type LayerSize, layerSizes } from './sizes.ts';
import { versions } from './versions.ts';

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

/** Everything a run found out, as committed under `results/`. Errors are fractions; what could not be measured is null. */
export interface Result {
  readonly recipe: string;
  readonly mode: Mode;
  readonly data: {
    readonly source: 'real' | 'generated';
    readonly note: string;
    readonly sha256: Readonly<Record<string, string>>;
  };
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly claims: readonly Judged[];
  readonly sizes: {
    readonly originalBytes: number;
    readonly fileBytes: number;
    readonly ratio: number;
    /** The same, compressed weights as uint8 through gzip -9 and brotli -11. */
    readonly uint8GzipBytes: number;
    readonly uint8BrotliBytes: number;
    /** The dense reference as uint8 through brotli -11: what its owner has for free today. */
    readonly denseUint8BrotliBytes: number;
    readonly headerBytes: number;
    readonly parts: readonly {
      readonly name: string;
      readonly codec: string;
      readonly bytes: number;
      readonly bytesByStream: Readonly<Record<string, number>>;
    }[];
  };
  readonly phases: readonly {
    readonly phase: string;
    readonly validationError: number;
    readonly testError: number;
    /** The network as it stood, encoded. */
    readonly fileBytes: number;
    readonly keptKernelWeights: number;
    readonly layers: readonly LayerSize[];
  }[];
  readonly accuracy: { readonly before: number; readonly after: number };
  /** How often each row has been judged on the test images by this recipe in this mode, this time included. */
  readonly judged: number;
  readonly seconds: number;
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
  const key = JSON.stringify([recipe.name, mode, seed, data.sha256, phases]);
  const saved = resume ? checkpoint.read() : undefined;
  if (saved && saved.key !== key) {
    throw new Error(
      `the checkpoint of ${recipe.name} was made by another version, seed or data: run again without --resume`,
    );
  }
  if (!saved) checkpoint.clear();

  let state: RunState = saved ?? {
    key,
    phase: 0,
    step: 0,
    model: initialize(recipe.layers(), random.fork('weights'), recipe.name),
    finished: [],
    seconds: 0,
  };
  const started = performance.now();
  const secondsBefore = state.seconds;
  const seconds = (): number => secondsBefore + (performance.now() - started) / 1000;
  const clock = progressClock(phases, seconds);

  for (; state.phase < phases.length; ) {
    const { name, stages } = phases[state.phase]!;
    const trainer = createTrainer({
      train,
      validation,
      ...(state.finished[0] && { teacher: state.finished[0] }),
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
    state = { key, phase: state.phase + 1, step: 0, model, finished: [...state.finished, model], seconds: seconds() };
    checkpoint.write(state);
  }

  const result = judge(recipe, options, state, validation, seconds());
  checkpoint.clear();
  return result;
}

function judge(
  recipe: Recipe,
  { mode, seed, data, folder }: RunOptions,
  state: RunState,
  validation: MnistData['test'],
  seconds: number,
): Result {
  const phases = recipe.phases(mode).map(({ name }, i) => {
    const bytes = encodeModel(state.finished[i]!, recipe.encode);
    const decoded = decodeModel(bytes);
    const layers = layerSizes(decoded);
    return {
      phase: name,
      bytes,
      decoded,
      validationError: evaluate(decoded, validation).error,
      testError: evaluate(decoded, data.test).error,
      fileBytes: bytes.length,
      keptKernelWeights: layers
        .filter((layer) => layer.name.endsWith('/kernel'))
        .reduce((sum, layer) => sum + layer.kept, 0),
      layers,
    };
  });
  const last = phases.at(-1)!;
  const dense = phases[0]!;
  const originalBytes = 4 * parameterCount(last.decoded);
  const kernelWeights = dense.layers
    .filter((layer) => layer.name.endsWith('/kernel'))
    .reduce((sum, layer) => sum + layer.elements, 0);
  const claims = judgeClaims(recipe.claims, data.source, (claim) => {
    if (claim.what === 'compression') return originalBytes / last.fileBytes;
    const phase = phases.find((candidate) => candidate.phase === claim.after);
    if (!phase) return null;
    return claim.what === 'top-1 error' ? phase.testError : kernelWeights / phase.keptKernelWeights;
  });
  const judged = countJudgement(join(folder, 'judged.json'));
  const description = describeFile(last.bytes);
  const result: Result = {
    recipe: recipe.name,
    mode,
    data: { source: data.source, note: data.note, sha256: data.sha256 },
    seed,
    versions: versions(),
    claims,
    sizes: {
      originalBytes,
      fileBytes: last.fileBytes,
      ratio: originalBytes / last.fileBytes,
      ...freeSizes(last.decoded),
      denseUint8BrotliBytes: freeSizes(dense.decoded).uint8BrotliBytes,
      headerBytes: description.parts.reduce((sum, part) => sum + (part.kind === 'record' ? 0 : part.bytes), 0),
      parts: description.weights.map(({ name, codec, bytes, bytesByStream }) => ({
        name,
        codec,
        bytes,
        bytesByStream,
      })),
    },
    phases: phases.map(({ bytes: _bytes, decoded: _decoded, ...rest }) => rest),
    accuracy: { before: 1 - dense.testError, after: 1 - last.testError },
    judged,
    seconds,
  };
  writeWhole(join(folder, `${recipe.name}.pare`), last.bytes);
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** Counts, across runs, how often this recipe in this mode has been judged on the test images. */
function countJudgement(path: string): number {
  const before = readIfThere(path);
  const count = (before ? (JSON.parse(before.toString()) as { judged: number }).judged : 0) + 1;
  writeWhole(path, `${JSON.stringify({ judged: count })}\n`);
  return count;
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
