import { statSync } from 'node:fs';
import type { InputLayer } from '@pare/core';
import { UsageError } from '../exit.ts';
import { readArrays } from './arrays.ts';
import { readPictures } from './pictures.ts';

/** Examples in memory, as `Examples` of `@pare/tfjs`: bytes are raw values, red first; floats are what the network takes. */
export interface Examples {
  /** `[count, C, H, W]` */
  readonly pixels: Uint8Array | Float32Array;
  /** `[count]` */
  readonly labels?: Uint32Array;
  readonly count: number;
  /** `[C, H, W]` */
  readonly shape: readonly number[];
}

/** What examples are for. */
export interface ExamplesFor {
  readonly input: InputLayer;
  /** How many answers the network has: every label is below. */
  readonly classes: number;
  /** Called with what is being read and the share done, 0 … 1. */
  readonly onProgress: (what: string, done: number) => void;
}

/** Fewer tell little: their moments have holes that weights fall into. */
const FEW = 50;

/**
 * Reads calibration examples: a folder of images, or an `.npz` with `x` and maybe `y`.
 *
 * @throws UsageError if there is no such path, fewer than two examples, or the network does not say how bytes become its input
 * @throws Error naming the file if one cannot be read
 */
export async function readExamples(
  path: string,
  wanted: ExamplesFor,
): Promise<{ readonly examples: Examples; readonly notes: readonly string[] }> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === undefined) throw new UsageError(`--calibration: there is no folder or file ${path}`);
  const { examples, notes } = isFolder ? await readPictures(path, wanted) : readArrays(path, wanted);
  const { count, labels } = examples;
  if (count < 2) {
    throw new UsageError(
      `--calibration: expected at least 2 examples, one of them to judge by, got ${count} in ${path}`,
    );
  }
  const wrong = labels?.find((label) => label >= wanted.classes);
  if (wrong !== undefined) {
    throw new UsageError(
      `--calibration: ${path} has a label ${wrong}, and the network tells ${wanted.classes} classes apart`,
    );
  }
  const few = count < FEW ? [`${count} calibration examples are few: a hundred or more tell better what matters`] : [];
  return { examples, notes: [...notes, ...few] };
}
