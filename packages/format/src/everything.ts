import type { Decoder } from '@pare/core';
import { describeFile as describe, type FileDescription } from './describe.ts';
import { openRanges as open, type RangedFile, type ReadRange } from './ranges.ts';
import { type DecodeModelOptions, decodeModel as decode, type PareModel } from './read.ts';
import { type Chunks, type DecodeStreamOptions, type StreamPart, decodeStream as stream } from './stream.ts';
import { wasmDecoders } from './wasm.ts';

/** All decoders of this package, in WebAssembly where it can be had; the doors below `@pare/format/decode` bring `streams@1` alone, in JavaScript. */
export const builtinDecoders: readonly Decoder[] = wasmDecoders;

const withAll = <T extends DecodeModelOptions>(options: T): T => ({
  ...options,
  decoders: [...(options.decoders ?? []), ...builtinDecoders],
});

/**
 * Reads a whole file, whichever of this package's codecs it was written with.
 *
 * @throws CorruptDataError if the bytes are damaged, cut short, or ask for more than the limits
 * @throws MissingPartError if a weight was encoded with a codec that is not here, or the file needs a newer reader
 * @example
 * decodeModel(encodeModel({ name: 'nothing', layers: [], weights: [], history: [] })).name // 'nothing'
 */
export const decodeModel = (bytes: Uint8Array, options: DecodeModelOptions = {}): PareModel =>
  decode(bytes, withAll(options));

/** Reads a file while it arrives: `decodeStream` of `@pare/format/decode` with all decoders of this package. */
export const decodeStream = (
  chunks: Chunks,
  options: DecodeStreamOptions = {},
): AsyncGenerator<StreamPart, void, undefined> => stream(chunks, withAll(options));

/** Takes a file apart: see `describe.ts`. */
export const describeFile = (bytes: Uint8Array, options: DecodeModelOptions = {}): FileDescription =>
  describe(bytes, withAll(options));

/** Opens a file of which parts are read when they are wanted: `openRanges` of `@pare/format/ranges` with all decoders of this package. */
export const openRanges = (read: ReadRange, options: DecodeModelOptions = {}): Promise<RangedFile> =>
  open(read, withAll(options));
