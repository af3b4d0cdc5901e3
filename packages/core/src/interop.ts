import type { Model } from './model.ts';

/** A model's files as an importer sees them: one that was named, and others beside it that it may ask for. */
export interface ImportSource {
  /** Name of the file without folders: `'model.json'`. */
  readonly name: string;
  /** Its content. */
  readonly bytes: Uint8Array;
  /**
   * Reads a file beside it, for a format of several files.
   *
   * @param name - relative to the file, without `..`
   * @throws MissingPartError if there is none
   */
  sibling(name: string): Promise<Uint8Array>;
}

/** A model as it was read, with the names of its answers if they came along. */
export interface ImportedModel {
  readonly model: Model & { readonly labels?: readonly string[] };
  /** What could not be represented, one sentence each, naming the layer or tensor. Empty if everything is there. */
  readonly notes: readonly string[];
}

/** Files in another format → Model. Weights become output-major at this door. Trusts nothing. */
export interface Importer {
  /** What a command line calls it: `'safetensors'`, `'tfjs-layers'`. */
  readonly id: string;
  /** Of the names of files that are likely its own, without the dot. */
  readonly extensions: readonly string[];
  /** Tells from name and content whether this is its format; reads no more than it needs and never throws. */
  recognizes(source: Pick<ImportSource, 'name' | 'bytes'>): boolean;
  /**
   * @throws CorruptDataError if the bytes are not what they claim to be
   * @throws MissingPartError if a file beside it is absent
   */
  read(source: ImportSource): Promise<ImportedModel>;
}

/** Files of a model by name, the first being the one to name to others. */
export type ExportedFiles = ReadonlyMap<string, Uint8Array>;

/** Model → files in another format. Takes weights in all forms of core, as compression makes them. */
export interface Exporter {
  /** What a command line calls it: `'safetensors'`. */
  readonly id: string;
  /** Extension of the first file, without the dot. */
  readonly extension: string;
  /**
   * @param name - of the first file without extension
   * @returns the files and, one sentence each, what could not be represented
   * @throws RangeError naming the layer or weight if the format cannot hold the model at all
   */
  write(model: Model, name: string): Promise<{ readonly files: ExportedFiles; readonly notes: readonly string[] }>;
}
