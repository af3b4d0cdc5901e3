import { type Decoder, type Form, type Masked, MissingPartError, type Model, type Weight } from '@pare/core';
import { streams } from './codecs/streams.ts';
import type { Trace, TracingDecoder } from './contract.ts';
import { corrupt } from './corrupt.ts';
import { countOf } from './count.ts';
import {
  type Block,
  endOf,
  expectChecksum,
  type FileStart,
  type Limits,
  type RecordPlace,
  readStart,
} from './file-layout.ts';
import { located } from './located.ts';

export interface DecodeModelOptions {
  /** Decoders beside `streams@1`, tried first: those of other doors and of plugins. Default none. */
  readonly decoders?: readonly Decoder[];
  /** What is refused before memory is taken for it. */
  readonly limits?: Limits;
  /** Whether every weight is wanted as a dense form, whatever form it has in the file; default false. */
  readonly dense?: boolean;
  /**
   * Gives the array for the numbers of a weight, so that memory can be used again; it must have `count` elements. What is in
   * it is overwritten. Only if `dense`. Default: a new array each.
   */
  readonly into?: (name: string, count: number) => Float32Array;
}

/** A model as a file holds it: with the names of its answers and other data, if they are there. */
export interface PareModel extends Model {
  readonly labels?: readonly string[];
  readonly metadata?: unknown;
}

/**
 * Reads a whole file.
 *
 * @throws CorruptDataError if the bytes are damaged, cut short, or ask for more than the limits
 * @throws MissingPartError if a weight was encoded with a codec that is not here
 * @example
 * decodeModel(encodeModel({ name: 'nothing', layers: [], weights: [], history: [] })).name // 'nothing'
 */
export function decodeModel(bytes: Uint8Array, options: DecodeModelOptions = {}): PareModel {
  const { header, blocks } = openFile(bytes, options.limits);
  const weights = blocks.flatMap((block) => decodeBlock(bytes, block, 0, options));
  const { records, ...model } = header;
  return { history: [], ...model, weights };
}

/**
 * Reads the start of a file that is there as a whole.
 *
 * @throws CorruptDataError if it is damaged or its length is not what the header says
 */
export function openFile(bytes: Uint8Array, limits?: Limits): FileStart {
  const start = readStart(bytes, limits);
  const end = start ? endOf(start) : Infinity;
  if (bytes.length < end) corrupt('truncated', bytes.length, 'it ends early');
  if (bytes.length > end) corrupt('trailing-data', end, 'it goes on');
  return start!;
}

/**
 * Verifies and decodes the records of a block.
 *
 * @param offset - where `bytes` starts in the file
 */
export function decodeBlock(bytes: Uint8Array, block: Block, offset: number, options: DecodeModelOptions): Weight[] {
  expectChecksum(bytes, block.start - offset, block.end - offset);
  return block.records.flatMap((record) => {
    const decoder = decoderOf(record, options.decoders);
    const part = bytes.subarray(record.start - offset, record.end - offset);
    const forms = located(record.start, `weight "${record.weights[0]!.name}"`, () =>
      decodeRecord(decoder, part, record, options),
    );
    return record.weights.map((weight, i) => ({ ...weight, form: forms[i]! }));
  });
}

/** Decodes the forms of one record. */
export function decodeRecord(
  decoder: TracingDecoder,
  bytes: Uint8Array,
  { weights }: RecordPlace,
  { limits, dense, into }: DecodeModelOptions,
  trace?: Trace,
): Form[] {
  const shapes = weights.map(({ shape }) => shape);
  const options = { maxCodebook: limits?.codebook ?? 65536, ...(trace && { trace }) };
  const room = (index: number): Float32Array => {
    const { name, shape } = weights[index]!;
    const count = countOf(shape);
    const array = into?.(name, count) ?? new Float32Array(count);
    if (array.length === count) return array;
    throw new RangeError(`decodeModel: "into" expected ${count} elements for "${name}", got ${array.length}`);
  };
  if (dense && decoder.decodeDense) {
    return decoder.decodeDense(bytes, shapes, room, options).map((values) => ({ kind: 'dense', values }));
  }
  if (!decoder.decodeGroup && shapes.length > 1) corrupt('not-a-group', 0, `one weight, not ${shapes.length}`);
  const forms = decoder.decodeGroup?.(bytes, shapes, options) ?? [decoder.decode(bytes, shapes[0]!, options)];
  if (!dense) return forms;
  return forms.map((form, i) => {
    const values = room(i);
    values.set(numbersOf(form));
    return { kind: 'dense', values };
  });
}

/** For decoders that know no short way. */
const numbersOf = (form: Form): Float32Array =>
  form.kind === 'shared'
    ? Float32Array.from(form.mask, (kept, i) => kept && form.codebook[form.indices[i]!]!)
    : (form as Masked).values; // a form of a plugin has none: whoever decodes it decodes to that form

/**
 * Finds the decoder of a record.
 *
 * @throws MissingPartError if there is none, naming the weight and what to add
 */
export function decoderOf({ codec, weights }: RecordPlace, decoders: readonly Decoder[] = []): TracingDecoder {
  const found = [...decoders, streams].find(({ id }) => id === codec);
  if (found) return found;
  throw new MissingPartError(
    'no-decoder',
    codec,
    `no decoder for "${codec}" (weight "${weights[0]!.name}"): pass decoders: wasmDecoders of @pare/format/wasm, or a plugin's`,
  );
}
