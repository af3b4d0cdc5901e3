import {
  checkWeight,
  type Encoder,
  elementCount,
  MissingPartError,
  type PerWeight,
  type Placed,
  placedWeights,
  resolvePerWeight,
  type Weight,
} from '@pare/core';
import { checksum } from './checksum.ts';
import { type Coding, encodersFor, MOST_ADAPTIVE } from './codecs/encoders.ts';
import { SIGNATURE } from './file-layout.ts';
import { toFloat16 } from './float-bits.ts';
import { encodeHeader } from './header-encode.ts';
import { chooseEncodings, type Encoded, type EncodedRecord, joinRecords } from './plan-records.ts';
import type { PareModel } from './read.ts';

export interface EncodeModelOptions {
  /** What the file is made for; default `'small'`. */
  readonly coding?: Coding;
  /** Those to choose from; of those that take a form's kind the one with the fewest bytes is used. Default: those for `coding`. */
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
 * encodeModel({ layers: [], weights: [], history: [] }).length // 16
 */
export function encodeModel(model: PareModel, options: EncodeModelOptions = {}): Uint8Array {
  const { history = false, recordBytes = 4096, labels = model.labels } = options;
  const encodings = placedWeights(model).map((placed) => encodeWeight(placed, options));
  const records = joinRecords(chooseEncodings(encodings), recordBytes);

  const header = encodeHeader({
    ...(model.name !== undefined && { name: model.name }),
    ...(labels && { labels }),
    ...(model.topology !== undefined && { topology: model.topology }),
    ...(model.metadata !== undefined && { metadata: model.metadata }),
    ...(history && model.history.length > 0 && { history: model.history }),
    layers: model.layers,
    weights: model.weights,
    records: records.map(({ entry }) => entry),
  });
  return assembleFile(header, records);
}

/** Puts header and records together, with their checksums. */
export function assembleFile(header: Uint8Array, records: readonly EncodedRecord[]): Uint8Array {
  const parts: Uint8Array[] = [withChecksum([Uint8Array.of(...SIGNATURE, ...varint(header.length)), header])];
  let block: Uint8Array[] = [];
  for (const { entry, bytes } of records) {
    block.push(bytes);
    if (!entry.checksum) continue;
    parts.push(withChecksum(block));
    block = [];
  }
  return join(parts);
}

/** Tries the encoders that take the weight's kind. */
function encodeWeight(placed: Placed, options: EncodeModelOptions): Encoded[] {
  const { coding = 'small', encoders = encodersFor[coding], codec } = options;
  checkWeight(placed.weight, 'encodeModel');
  const weight = round(placed, options);
  const id = codec === undefined ? undefined : resolvePerWeight(codec, placed);
  const candidates = encoders.filter(
    (encoder) =>
      encoder.kind === weight.form.kind &&
      (id ?? encoder.id) === encoder.id &&
      (id !== undefined || encoder.id !== 'adaptive@1' || elementCount(weight.shape) <= MOST_ADAPTIVE),
  );
  if (candidates.length === 0) {
    throw new MissingPartError(
      'no-encoder',
      id ?? weight.form.kind,
      `no encoder${id ? ` "${id}"` : ''} for the form "${weight.form.kind}" of "${weight.name}": add one to encodeModel(model, { encoders: [...] })`,
    );
  }
  const encodings: Encoded[] = [];
  let refusal: unknown;
  for (const encoder of candidates) {
    try {
      encodings.push({ weight, encoder, bytes: encoder.encode(weight.form, weight.shape) });
    } catch (error) {
      // An encoder may have a limit that another has not.
      if (!(error instanceof RangeError)) throw error;
      refusal = error;
    }
  }
  if (encodings.length === 0) throw refusal;
  return encodings;
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

export function withChecksum(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = join(parts);
  return join([bytes, Uint8Array.from(checksum(bytes))]);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

export function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
