import type { Decoder } from '@pare/core';
import { adaptive } from './codecs/adaptive-decode.ts';
import { describeFile as describe, type FileDescription } from './describe.ts';
import { type DecodeModelOptions, decodeModel as decode, type PareModel } from './read.ts';
import { type Chunks, type DecodeStreamOptions, type StreamPart, decodeStream as stream } from './stream.ts';

/** All decoders of this package; the doors below `@pare/format/decode` bring `streams@1` alone. */
export const builtinDecoders: readonly Decoder[] = [adaptive];

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
