import { readFileSync } from 'node:fs';
import type { Shape } from '@pare/core';
import { type NumpyArray, readNpzArray } from '@pare/interop';
import { UsageError } from '../exit.ts';
import { checkPreprocess } from './check-preprocess.ts';
import type { Examples, ExamplesFor } from './examples.ts';

/**
 * Reads examples out of an `.npz`: `x` `[N, C, H, W]`, floats as the network takes them or bytes that its `preprocess` makes
 * ready, and labels `y` `[N]` if there are any.
 *
 * @throws UsageError if an array is absent or not of that kind
 * @throws Error naming the file if it is damaged
 */
export function readArrays(
  path: string,
  { input, onProgress }: ExamplesFor,
): { readonly examples: Examples; readonly notes: readonly string[] } {
  onProgress('reading examples', 0);
  const bytes = readFileSync(path);
  const read = (name: string): NumpyArray | undefined => {
    try {
      return readNpzArray(bytes, name);
    } catch (cause) {
      throw new Error(`--calibration: ${path}: ${(cause as Error).message}`, { cause });
    }
  };
  const x = read('x');
  if (!x) throw new UsageError(`--calibration: ${path} has no array "x", which holds the examples`);
  const { shape, numbers } = x;
  const [count = 0, ...each] = shape;
  checkShape(path, shape, input.outputShape);
  if (numbers instanceof Float64Array) {
    throw new UsageError(`--calibration: ${path}: "x" expected uint8 or floats, got whole numbers of another type`);
  }
  if (numbers instanceof Uint8Array) checkPreprocess(`"x" of ${path} holds bytes`, input);
  else if (!numbers.every(Number.isFinite))
    throw new UsageError(`--calibration: ${path}: "x" has numbers that are not finite`);
  const y = read('y');
  const labels = y && labelsOf(path, y, count);
  const squeezed = each.length === input.outputShape.length ? each : input.outputShape;
  return { examples: { pixels: numbers, ...(labels && { labels }), count, shape: squeezed }, notes: [] };
}

function checkShape(path: string, shape: Shape, wanted: Shape): void {
  const each = shape.slice(1);
  // A 1 more or less changes no number's place: [N, 28, 28] is taken for [1, 28, 28].
  const extents = (list: Shape): string => list.filter((extent) => extent !== 1).join();
  if (shape.length > 1 && extents(each) === extents(wanted)) return;
  const [channels, ...map] = wanted;
  const channelsLast = extents(each) === extents([...map, channels!]);
  throw new UsageError(
    `--calibration: ${path}: "x" expected shape [N, ${wanted.join(', ')}] for this network, got [${shape.join(', ')}]` +
      (channelsLast ? ': put channels first, x.transpose(0, 3, 1, 2)' : ''),
  );
}

function labelsOf(path: string, { shape, numbers }: NumpyArray, count: number): Uint32Array {
  if (numbers.length !== count) {
    throw new UsageError(
      `--calibration: ${path}: "y" expected shape [${count}], a label an example, got [${shape.join(', ')}]`,
    );
  }
  const wrong = numbers.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < 2 ** 32));
  if (wrong >= 0) {
    throw new UsageError(
      `--calibration: ${path}: "y" expected numbers of classes, got ${numbers[wrong]} at index ${wrong}`,
    );
  }
  return Uint32Array.from(numbers);
}
