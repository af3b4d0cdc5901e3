import type { CompressSettings } from '@pare/compress';
import type { Importer, Plugin } from '@pare/core';

/** Which files: globs (relative to the working directory, or beginning with `**`), or expressions on absolute paths. */
export type FilePattern = string | RegExp | readonly (string | RegExp)[];

/** How models are compressed, and which files are models beside those that are imported with `?pare`. */
export interface PareOptions extends Omit<CompressSettings, 'signal' | 'onProgress'> {
  /** Files that are compressed whenever they are imported, without `?pare`; default none. */
  readonly include?: FilePattern;
  /** Of those, files that are not. */
  readonly exclude?: FilePattern;
  /** What reads models, beside what `@pare/interop` brings along. */
  readonly importers?: readonly Importer[];
  /** Plugins that add importers. Nothing else of them is used. */
  readonly plugins?: readonly Plugin[];
  /** Id of the importer to use; default: the one that recognises the file. */
  readonly importer?: string;
  /**
   * Folder where compressed files are kept, by the content of the model and the settings; default `node_modules/.cache/pare`.
   * `false`: nowhere, and every start compresses anew.
   */
  readonly cache?: string | false;
  /** Whether sizes are printed at the end of a build; default true. */
  readonly report?: boolean;
}

/** The part that goes to the compressor. */
export function settingsOf(options: PareOptions): CompressSettings {
  const {
    include: _,
    exclude: _e,
    importers: _i,
    plugins: _p,
    importer: _n,
    cache: _c,
    report: _r,
    ...settings
  } = options;
  return settings;
}
