import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { elementCount, type Preprocess, type Shape } from '@pare/core';
import { type Image, preprocessImage, readImage } from '@pare/interop/images';
import { UsageError } from '../exit.ts';
import { readIfThere } from '../whole-file.ts';
import { checkPreprocess } from './check-preprocess.ts';
import type { Examples, ExamplesFor } from './examples.ts';

const LABELS = 'labels.json';
const READABLE = ['.jpg', '.jpeg', '.png'];
/** Images that nothing here reads: to leave them out silently would be to calibrate on something else than was meant. */
const OTHERS = ['.webp', '.gif', '.bmp', '.avif', '.heic', '.tif', '.tiff'];

/**
 * Reads all images of a folder and the folders in it, in the order of their paths, resized and cropped as the network's
 * `preprocess` says; and their labels, if there is a `labels.json`: `{ "path": class }` or `{ "path": { "class": class } }`.
 * Names that begin with a dot are left alone.
 *
 * @throws UsageError if the network's input is no image, or `labels.json` does not name the class of every image
 * @throws Error naming the image if one cannot be read
 */
export async function readPictures(
  folder: string,
  { input, onProgress }: ExamplesFor,
): Promise<{ readonly examples: Examples; readonly notes: readonly string[] }> {
  const { outputShape: shape, preprocess = {} } = input;
  if (shape.length !== 3 || (shape[0] !== 1 && shape[0] !== 3)) {
    throw new UsageError(
      `--calibration: the network's input "${input.name}" is [${shape.join(', ')}], no image: give an .npz with "x"`,
    );
  }
  checkPreprocess(`${folder} holds images`, input);
  const paths = imagesIn(folder);
  const labels = labelsOf(folder, paths);
  const size = elementCount(shape);
  const pixels = new Uint8Array(paths.length * size);
  let largest = 0;
  for (const [i, path] of paths.entries()) {
    if (i % 8 === 0) {
      onProgress('reading images', i / paths.length);
      await new Promise<void>((resolve) => setImmediate(resolve)); // shows it
    }
    try {
      const image = readImage(readFileSync(join(folder, path)));
      largest = Math.max(largest, Math.min(image.width, image.height));
      pixels.set(cutOut(image, preprocess, shape), i * size);
    } catch (cause) {
      throw new Error(`--calibration: image ${join(folder, path)}: ${(cause as Error).message}`, { cause });
    }
  }
  const side = Math.min(shape[1]!, shape[2]!);
  const notes =
    preprocess.resize === undefined && largest > 2 * side
      ? [`images of ${largest} pixels are cut, not resized: say "resize" by --preprocess if the network saw whole ones`]
      : [];
  return { examples: { pixels, ...(labels && { labels }), count: paths.length, shape }, notes };
}

/** Raw values of what the network will see, red first. */
const cutOut = (image: Image, { resize, crop }: Preprocess, shape: Shape): Float32Array =>
  preprocessImage(image, { ...(resize !== undefined && { resize }), ...(crop && { crop }) }, shape);

/** Paths within the folder, parted by `/`, in the order of their characters. */
function imagesIn(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.')));
  const extension = (path: string): string => extname(path).toLowerCase();
  const other = files.find((path) => OTHERS.includes(extension(path)));
  if (other !== undefined) {
    throw new UsageError(`--calibration: ${join(folder, other)} is neither JPEG nor PNG: convert it, or take it away`);
  }
  return files.filter((path) => READABLE.includes(extension(path))).sort((a, b) => (a < b ? -1 : 1));
}

function labelsOf(folder: string, paths: readonly string[]): Uint32Array | undefined {
  const file = join(folder, LABELS);
  const text = readIfThere(file)?.toString('utf8');
  if (text === undefined) return undefined;
  let listed: unknown;
  try {
    listed = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`--calibration: ${file} is no JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof listed !== 'object' || listed === null || Array.isArray(listed)) {
    throw new UsageError(`--calibration: ${file} expected { "path": class, … }`);
  }
  const classes = new Map(Object.entries(listed));
  return Uint32Array.from(paths, (path) => {
    const entry: unknown = classes.get(path);
    const label: unknown = typeof entry === 'object' && entry !== null ? (entry as { class?: unknown }).class : entry;
    if (Number.isInteger(label) && (label as number) >= 0 && (label as number) < 2 ** 32) return label as number;
    throw new UsageError(
      entry === undefined
        ? `--calibration: ${file} names no class of "${path}": add it, or take ${LABELS} away to go without`
        : `--calibration: ${file}: class of "${path}" expected a whole number ≥ 0, got ${JSON.stringify(label)}`,
    );
  });
}
