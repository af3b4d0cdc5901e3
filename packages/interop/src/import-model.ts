import { type ImportedModel, type Importer, type ImportSource, MissingPartError } from '@pare/core';
import { importers as all } from './importers.ts';

export interface ImportOptions {
  /** What may read it; default all importers here. Add those of plugins: `[...importers, ...plugin.importers]`. */
  readonly importers?: readonly Importer[];
  /** Id of the one that shall; default the one that recognises the file. */
  readonly importer?: string;
}

/**
 * Reads a model from the files of another program. What it could not represent stands in `notes`.
 *
 * @throws MissingPartError if no importer recognises the file, or a file beside it is absent
 * @throws CorruptDataError if the bytes are not what they claim to be
 * @throws RangeError if `importer` names none
 */
export const importModel = async (source: ImportSource, options: ImportOptions = {}): Promise<ImportedModel> =>
  findImporter(source, options).read(source);

/**
 * Finds what reads a file: of the importers that recognise it, the first that knows its extension, else the first.
 *
 * @throws as `importModel`
 */
export function findImporter(source: Pick<ImportSource, 'name' | 'bytes'>, options: ImportOptions = {}): Importer {
  const { importers = all, importer } = options;
  if (importer !== undefined) {
    const named = importers.find(({ id }) => id === importer);
    if (named) return named;
    throw new RangeError(
      `importModel: "importer" expected one of ${importers.map(known).join(', ')}, got "${importer}"`,
    );
  }
  const fitting = importers.filter((candidate) => candidate.recognizes(source));
  const extension = extensionOf(source.name);
  const found = fitting.find(({ extensions }) => extensions.includes(extension)) ?? fitting[0];
  if (found) return found;
  throw new MissingPartError(
    'no-importer',
    source.name,
    `nothing here reads "${source.name}" (${source.bytes.length} bytes); known are ${importers.map(known).join(', ')}. ` +
      'Name one of them as "importer" if it is one of these after all, or add a plugin that reads it',
  );
}

const extensionOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase();

const known = ({ id, extensions }: Importer): string => `"${id}" (${extensions.map((end) => `.${end}`).join(', ')})`;
