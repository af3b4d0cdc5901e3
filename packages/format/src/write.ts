import {
  checkWeight,
  type Encoder,
  MissingPartError,
  type Model,
  type PerWeight,
  type Placed,
  placedWeights,
  resolvePerWeight,
  type Weight,
} from '@pare/core';
import { ArithmeticEncoder } from './arithmetic-encode.ts';
import { checksum } from './checksum.ts';
import { denseAdaptive, maskedAdaptive, sharedAdaptive } from './codecs/adaptive-encode.ts';
import { denseRaw } from './codecs/dense-raw-encode.ts';
import { maskedHuffman, sharedHuffman } from './codecs/huffman-encode.ts';
import type { GroupEncoder } from './contract.ts';
import { MAGIC, VERSION } from './file-layout.ts';
import { toFloat16 } from './float-bits.ts';
import { codeHeader, type RecordEntry } from './header-walk.ts';

/** The encoders that this package brings along. */
export const builtinEncoders: readonly Encoder[] = [
  sharedAdaptive,
  maskedAdaptive,
  denseAdaptive,
  sharedHuffman,
  maskedHuffman,
  denseRaw,
];

export interface EncodeModelOptions {
  /** Those to choose from; of those that take a form's kind the one with the fewest bytes is used. Default {@link builtinEncoders}. */
  readonly encoders?: readonly Encoder[];
  /** Narrows the choice, for all or single weights, to one codec id. */
  readonly codec?: PerWeight<string>;
  /** How dense biases are stored: as they are, or rounded to float16, which changes them. Default `'float32'`. */
  readonly biases?: 'float32' | 'float16';
  /**
   * How codebooks are stored: as they are, or rounded to float16, which changes the weights. A codebook that is float16 (or of
   * any precision lower than float32) by itself is stored in as many bits as it needs without this. Default `'float32'`.
   */
  readonly codebooks?: 'float32' | 'float16';
  /** Names of the network's answers; default those the model carries, if it came from a file, else none. */
  readonly labels?: readonly string[];
  /** Whether what the stages did goes into the file; default false. */
  readonly history?: boolean;
  /**
   * Bytes at which a record and its checksum are closed; default 4096. Weights before that share them, which is smaller;
   * a stream yields a weight only when its record is complete.
   */
  readonly recordBytes?: number;
}

/**
 * Writes a model as a `.pare` file.
 *
 * @throws RangeError if a weight breaks the promises of its form (core's `checkWeight`: a length, a number that is not finite, …),
 *   or a layer takes an input that no layer before it makes
 * @throws MissingPartError if no encoder takes a weight's form
 * @example
 * encodeModel({ layers: [], weights: [], history: [] }).length // 9
 */
export function encodeModel(
  model: Model & { readonly labels?: readonly string[] },
  options: EncodeModelOptions = {},
): Uint8Array {
  const { history = false, recordBytes = 4096, labels = model.labels } = options;
  const encoded = placedWeights(model).map((placed) => encodeWeight(placed, options));
  const records = joinRecords(encoded, recordBytes);

  const encoder = new ArithmeticEncoder();
  codeHeader(encoder, {
    ...(model.name !== undefined && { name: model.name }),
    layers: model.layers,
    weights: model.weights,
    records: records.map(({ entry }) => entry),
    ...(labels && { labels }),
    ...(model.topology !== undefined && { topology: model.topology }),
    history: history ? model.history : [],
  });
  const header = encoder.finish();
  const parts: Uint8Array[] = [withChecksum([MAGIC, Uint8Array.of(VERSION, ...varint(header.length)), header])];
  let block: Uint8Array[] = [];
  for (const { entry, bytes } of records) {
    block.push(bytes);
    if (!entry.checksum) continue;
    parts.push(withChecksum(block));
    block = [];
  }
  return join(parts);
}

interface Encoded {
  readonly weight: Weight;
  readonly encoder: Encoder;
  readonly bytes: Uint8Array;
}

/** What a weight saves by sharing a record: its size in the header, the rounding to bytes, what it learns from others. */
const GROUP_SAVES = 3;

/** Tries the encoders that take the weight's kind; the first of the smallest wins, where those that group are allowed for. */
function encodeWeight(placed: Placed, options: EncodeModelOptions): Encoded {
  const { encoders = builtinEncoders, codec } = options;
  checkWeight(placed.weight, 'encodeModel');
  const weight = round(placed, options);
  const id = codec === undefined ? undefined : resolvePerWeight(codec, placed);
  const candidates = encoders.filter(
    (encoder) => encoder.kind === weight.form.kind && (id ?? encoder.id) === encoder.id,
  );
  if (candidates.length === 0) {
    throw new MissingPartError(
      'no-encoder',
      id ?? weight.form.kind,
      `no encoder${id ? ` "${id}"` : ''} for the form "${weight.form.kind}" of "${weight.name}": add one to encodeModel(model, { encoders: [...] })`,
    );
  }
  let best: Encoded | undefined;
  let bestSize = Infinity;
  let refusal: unknown;
  for (const encoder of candidates) {
    try {
      const bytes = encoder.encode(weight.form, weight.shape);
      const size = bytes.length - (isGroupEncoder(encoder) ? GROUP_SAVES : 0);
      if (size < bestSize) best = { weight, encoder, bytes };
      bestSize = Math.min(bestSize, size);
    } catch (error) {
      // An encoder may have a limit that another has not.
      if (!(error instanceof RangeError)) throw error;
      refusal = error;
    }
  }
  if (!best) throw refusal;
  return best;
}

/** Applies the roundings asked for. */
function round({ weight, role }: Placed, { biases, codebooks }: EncodeModelOptions): Weight {
  const { form } = weight;
  if (form.kind === 'dense' && role === 'bias' && biases === 'float16') {
    return { ...weight, form: { ...form, values: form.values.map(toFloat16) } };
  }
  if (form.kind === 'shared' && codebooks === 'float16') {
    return { ...weight, form: { ...form, codebook: form.codebook.map(toFloat16) } };
  }
  return weight;
}

interface EncodedRecord {
  readonly entry: RecordEntry;
  readonly bytes: Uint8Array;
}

/** Makes records of neighbours that one codec can take together, and closes blocks, both when they have reached a size. */
function joinRecords(encoded: readonly Encoded[], recordBytes: number): EncodedRecord[] {
  const records: EncodedRecord[] = [];
  let sinceChecksum = 0;
  for (let next = 0; next < encoded.length; ) {
    const { encoder } = encoded[next]!;
    const start = next;
    let estimate = encoded[next++]!.bytes.length;
    while (isGroupEncoder(encoder) && encoded[next]?.encoder.id === encoder.id && estimate < recordBytes) {
      estimate += encoded[next++]!.bytes.length;
    }
    const members = encoded.slice(start, next);
    const bytes =
      isGroupEncoder(encoder) && members.length > 1
        ? encoder.encodeGroup(members.map(({ weight }) => weight))
        : members[0]!.bytes;
    sinceChecksum += bytes.length;
    const closes = sinceChecksum >= recordBytes || next === encoded.length;
    if (closes) sinceChecksum = 0;
    records.push({ entry: { codec: encoder.id, count: members.length, bytes: bytes.length, checksum: closes }, bytes });
  }
  return records;
}

const isGroupEncoder = (encoder: Encoder): encoder is GroupEncoder => 'encodeGroup' in encoder;

function withChecksum(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = join(parts);
  const { value, size } = checksum(bytes);
  return join([bytes, Uint8Array.from({ length: size }, (_, i) => value >>> (8 * i))]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
