import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type CompressSettings, compressModel } from '@pare/compress';
import { createRegistry, type Importer, parameterCount } from '@pare/core';
import { decodeModel } from '@pare/format';
import { importModel, importers as known, openSource } from '@pare/interop';
import { type Cache, hashOf } from './cache.ts';
import { type PareOptions, settingsOf } from './options.ts';

/** A model file, compressed. */
export interface CompressedModel {
  readonly path: string;
  /** The `.pare` file. */
  readonly bytes: Uint8Array;
  /** All files that it was made of, the named one first: who watches, watches these. */
  readonly files: readonly string[];
  /** Of those files together. */
  readonly fileBytes: number;
  /** Of all numbers as float32. */
  readonly rawBytes: number;
  /** What could not be represented, one sentence each. */
  readonly notes: readonly string[];
}

/** A model that could not be compressed, with the files that were read by then: a change in one of them may mend it. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly files: readonly string[];

  constructor(path: string, files: readonly string[], cause: unknown) {
    const { message } = cause as Error;
    super(message.includes(path) ? message : `${path}: ${message}`, { cause });
    this.files = files;
  }
}

/**
 * Compresses the model in a file. What is a `.pare` file already stays as it is.
 *
 * @throws ModelError naming the file: it is absent, no model, damaged, or does not go with the settings
 */
export async function compressFile(path: string, options: PareOptions, cache: Cache): Promise<CompressedModel> {
  const files = [path];
  try {
    const bytes = new Uint8Array(await readFile(path));
    if (isPare(bytes)) {
      const rawBytes = 4 * parameterCount(decodeModel(bytes));
      return { path, bytes, files, fileBytes: bytes.length, rawBytes, notes: [] };
    }
    const read: [name: string, bytes: Uint8Array][] = [[basename(path), bytes]];
    const source = openSource({
      name: basename(path),
      bytes,
      async read(name) {
        const file = join(dirname(path), name);
        files.push(file);
        const content = await readIfThere(file);
        if (content) read.push([name, content]);
        return content;
      },
    });
    const { importer } = options;
    const { model, notes } = await importModel(source, {
      importers: importersOf(options),
      ...(importer !== undefined && { importer }),
    });
    const settings = settingsOf(options);
    const key = hashOf(await probe(settings), importer ?? '', ...read.flat());
    let compressed = await cache.read(key);
    if (!compressed) {
      compressed = (await compressModel(model, settings)).bytes;
      await cache.write(key, compressed);
    }
    return {
      path,
      bytes: compressed,
      files,
      fileBytes: read.reduce((sum, [, content]) => sum + content.length, 0),
      rawBytes: 4 * parameterCount(model),
      notes,
    };
  } catch (cause) {
    throw new ModelError(path, files, cause);
  }
}

const isPare = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(0, 4)) === 'PARE';

/** @throws RangeError if two importers have the same id */
const importersOf = ({ importers = [], plugins = [] }: PareOptions): readonly Importer[] =>
  createRegistry([
    { name: '@pare/interop', apiVersion: 1, importers: known },
    { name: 'the option "importers"', apiVersion: 1, importers },
    ...plugins,
  ]).importers;

/** Other errors than absence are errors: a file that may not be read is not absent. */
async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** What the settings ask, and what today's compressor makes of a few numbers: a newer one does not find the files of an older. */
async function probe(settings: CompressSettings): Promise<string> {
  const values = Float32Array.from({ length: 256 }, (_, i) => Math.fround(Math.sin(i * i)));
  const { bytes } = await compressModel({
    layers: [],
    weights: [{ name: 'w', shape: [16, 16], form: { kind: 'dense', values } }],
    history: [],
  });
  return JSON.stringify([settings, hashOf(bytes)]);
}
