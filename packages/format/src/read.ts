import { CorruptDataError, type Decoder, type Form, MissingPartError, type Model, type Weight } from '@pare/core';
import { adaptive } from './codecs/adaptive-decode.ts';
import { denseRawDecoder } from './codecs/dense-raw.ts';
import { maskedHuffmanDecoder, sharedHuffmanDecoder } from './codecs/huffman-decode.ts';
import type { TracingDecoder } from './contract.ts';
import type { RecordPlace } from './file-layout.ts';
import { type Block, DEFAULT_LIMITS, expectChecksum, type FileStart, type Limits, readStart } from './file-layout.ts';
import { located } from './located.ts';

/** The decoders that this package brings along. */
export const builtinDecoders: readonly Decoder[] = [
  adaptive,
  sharedHuffmanDecoder,
  maskedHuffmanDecoder,
  denseRawDecoder,
];

export interface DecodeModelOptions {
  /** Decoders beside those of this package, from plugins; default none. */
  readonly decoders?: readonly Decoder[];
  /** What is refused before memory is taken for it. */
  readonly limits?: Limits;
}

/** A model as a file holds it: with the names of its answers, if they are there. */
export interface PareModel extends Model {
  readonly labels?: readonly string[];
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
  const weights: Weight[] = [];
  for (const block of blocks) {
    expectChecksum(bytes, block.start, block.end);
    weights.push(...decodeBlock(bytes, block, 0, options));
  }
  const { records: _, ...model } = header;
  return { ...model, weights };
}

/**
 * Reads the start of a file that is there as a whole.
 *
 * @throws CorruptDataError if it is damaged or its length is not what the header says
 */
export function openFile(bytes: Uint8Array, limits?: Limits): FileStart {
  const start = readStart(bytes, limits) ?? truncated(bytes.length);
  const end = start.blocks.at(-1)?.next ?? start.end;
  if (bytes.length < end) truncated(bytes.length);
  if (bytes.length > end) throw new CorruptDataError('trailing-data', end, 'there is more data than expected');
  return start;
}

function truncated(byte: number): never {
  throw new CorruptDataError('truncated', byte, 'the file ends early');
}

/**
 * Decodes the records of a block whose checksum has been verified.
 *
 * @param offset - where `bytes` starts in the file
 */
export function decodeBlock(bytes: Uint8Array, block: Block, offset: number, options: DecodeModelOptions): Weight[] {
  return block.records.flatMap((record) => {
    const decoder = decoderOf(record, options.decoders);
    const part = bytes.subarray(record.start - offset, record.end - offset);
    const maxCodebook = options.limits?.codebook ?? DEFAULT_LIMITS.codebook;
    const forms = located(record.start, `weight "${record.weights[0]?.name}"`, () =>
      decodeRecord(decoder, part, record, { maxCodebook }),
    );
    return record.weights.map(({ name, shape }, i) => ({ name, shape, form: forms[i]! }));
  });
}

/** Decodes the forms of one record. */
export function decodeRecord(
  decoder: TracingDecoder,
  bytes: Uint8Array,
  { weights, codec }: RecordPlace,
  options: Parameters<NonNullable<TracingDecoder['decodeGroup']>>[2] = {},
): Form[] {
  const shapes = weights.map(({ shape }) => shape);
  if (decoder.decodeGroup) return decoder.decodeGroup(bytes, shapes, options);
  if (shapes.length !== 1)
    throw new CorruptDataError('not-a-group', 0, `"${codec}" holds one weight, not ${shapes.length}`);
  const { maxCodebook, trace } = options;
  return [
    decoder.decode(bytes, shapes[0]!, {
      ...(maxCodebook !== undefined && { maxCodebook }),
      ...(trace && { trace: (stream, bits) => trace(0, stream, bits) }),
    }),
  ];
}

/**
 * Finds the decoder of a record.
 *
 * @throws MissingPartError if there is none, naming the weight and what to add
 */
export function decoderOf({ codec, weights }: RecordPlace, decoders: readonly Decoder[] = []): TracingDecoder {
  const found = [...decoders, ...builtinDecoders].find(({ id }) => id === codec);
  if (!found) {
    const name = codec.split('@')[0];
    throw new MissingPartError(
      'no-decoder',
      codec,
      `no decoder for "${codec}" (weight "${weights[0]?.name}"): add one with decodeModel(bytes, { decoders: [...] }), perhaps from @pare/plugin-${name} or pare-plugin-${name}`,
    );
  }
  return found;
}
