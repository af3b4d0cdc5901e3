import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  createRegistry,
  type Encoder,
  type ImportedModel,
  type Importer,
  type Plugin,
  type Registry,
} from '@pare/core';
import { builtinDecoders, decodeModel, encodersFor } from '@pare/format';
import { hardwareNamed, hardwareNames } from '@pare/hardware';
import { exporters, importers, importModel, openSource } from '@pare/interop';
import han2016 from '@pare/plugin-han2016';
import { UsageError } from './exit.ts';
import { markdownReporter } from './markdown-report.ts';
import { parametrizations } from './numbers.ts';
import { readIfThere } from './whole-file.ts';

/** Those that `compressModel` tries by itself. */
export const builtinEncoders: readonly Encoder[] = Object.values(encodersFor).flat();

/** What the command brings along: as a plugin, so that a repeated id is noticed. */
const builtin = (plugins: readonly Plugin[]): Plugin => ({
  name: '@pare/cli',
  apiVersion: 1,
  encoders: encodersFor.small,
  decoders: builtinDecoders,
  parametrizations,
  importers: [pareImporter(plugins), ...importers],
  exporters,
  hardware: hardwareNames().map(hardwareNamed),
  reporters: [markdownReporter],
});

/** Everything known by name: what the command brings along, and plugins. */
export const registryOf = (plugins: readonly Plugin[]): Registry =>
  createRegistry([builtin(plugins), ...[han2016 as Plugin].filter((known) => !plugins.includes(known)), ...plugins]);

/** A .pare file is a model file like any other. */
const pareImporter = (plugins: readonly Plugin[]): Importer => ({
  id: 'pare',
  extensions: ['pare'],
  recognizes: ({ bytes }) => new TextDecoder('latin1').decode(bytes.subarray(0, 4)) === 'PARE',
  read: async ({ bytes }) => ({
    model: decodeModel(bytes, { decoders: plugins.flatMap(({ decoders = [] }) => decoders) }),
    notes: [],
  }),
});

/** A model from a file, and how it got there. */
export interface OpenedModel extends ImportedModel {
  readonly path: string;
  /** Of the named file and those beside it that were read. */
  readonly fileBytes: number;
}

/**
 * Reads a model file in any format that is known.
 *
 * @param importer - id of the one to use; default: the one that recognises the file
 * @throws UsageError if the file is absent or there is no such importer
 * @throws Error naming the file if it cannot be read as a model
 */
export async function openModel(path: string, registry: Registry, importer?: string): Promise<OpenedModel> {
  if (importer !== undefined && !registry.importers.some(({ id }) => id === importer)) {
    const known = registry.importers.map(({ id }) => id).join(', ');
    throw new UsageError(`--from: no importer "${importer}"; there are ${known}, and what --plugin adds`);
  }
  const bytes = await readInput(path);
  let fileBytes = bytes.length;
  const source = openSource({
    name: basename(path),
    bytes,
    async read(name) {
      const content = await readIfThere(join(dirname(path), name));
      fileBytes += content?.length ?? 0;
      return content;
    },
  });
  try {
    const { model, notes } = await importModel(source, {
      importers: registry.importers,
      ...(importer !== undefined && { importer }),
    });
    return { model, notes, path, fileBytes };
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(message.includes(path) ? message : `${path}: ${message}`, { cause });
  }
}

/** @throws UsageError if there is no such file */
export async function readInput(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const what =
      cause.code === 'ENOENT'
        ? 'there is no such file'
        : cause.code === 'EISDIR'
          ? 'it is a folder: name the model file in it, such as model.json'
          : cause.message;
    throw new UsageError(`cannot read ${path}: ${what}`, { cause });
  });
}
