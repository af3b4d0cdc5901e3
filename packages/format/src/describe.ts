import { type DecodeModelOptions, decodeRecord, decoderOf, openFile } from './read.ts';

/** Bytes of a file by part. `sum of parts = file length`. */
export interface FileDescription {
  readonly bytes: number;
  readonly parts: readonly FilePart[];
  readonly weights: readonly WeightDescription[];
}

export interface FilePart {
  /** `'signature'` (magic, version, header length), `'header'`, `'checksum'`, or `'record'`. */
  readonly kind: 'signature' | 'header' | 'checksum' | 'record';
  readonly bytes: number;
  /** Of a record. */
  readonly codec?: string;
  readonly weights?: readonly string[];
}

export interface WeightDescription {
  readonly name: string;
  readonly shape: readonly number[];
  readonly codec: string;
  /** Its share of its record, in bytes: a fraction where several weights share one arithmetic code. They sum to the records. */
  readonly bytes: number;
  /** The same by stream: `codebook`, `presence`, `values`, `gaps`, `padding`, … */
  readonly bytesByStream: Readonly<Record<string, number>>;
}

/**
 * Takes a file apart and says what each part weighs.
 *
 * An arithmetic code has no borders: a weight's bytes are the information of its bits, −log2 p, and what the code as a whole
 * takes beyond that (at most some bits) is the `padding` of its last weight.
 *
 * @throws CorruptDataError, MissingPartError as `decodeModel` does, except that checksums are not verified
 * @example
 * describeFile(encodeModel({ layers: [], weights: [], history: [] })).parts.map((part) => part.kind) // ['signature', 'header', 'checksum']
 */
export function describeFile(bytes: Uint8Array, options: DecodeModelOptions = {}): FileDescription {
  const start = openFile(bytes, options.limits);
  const parts: FilePart[] = [
    { kind: 'signature', bytes: start.prefixBytes },
    { kind: 'header', bytes: start.headerBytes },
    { kind: 'checksum', bytes: start.end - start.prefixBytes - start.headerBytes },
  ];
  const weights: WeightDescription[] = [];
  for (const block of start.blocks) {
    for (const record of block.records) {
      const names = record.weights.map(({ name }) => name);
      parts.push({ kind: 'record', bytes: record.bytes, codec: record.codec, weights: names });
      const streams: Record<string, number>[] = record.weights.map(() => ({}));
      const trace = (stream: string, bits: number, index: number): void => {
        const sizes = streams[index]!;
        sizes[stream] = (sizes[stream] ?? 0) + bits / 8;
      };
      const decoder = decoderOf(record, options.decoders);
      decodeRecord(decoder, bytes.subarray(record.start, record.end), record, { ...options, dense: false }, trace);
      const rest = record.bytes - streams.reduce((sum, sizes) => sum + total(sizes), 0);
      trace(Object.keys(streams.at(-1)!).length > 0 ? 'padding' : 'values', rest * 8, streams.length - 1);
      record.weights.forEach(({ name, shape }, i) => {
        weights.push({ name, shape, codec: record.codec, bytes: total(streams[i]!), bytesByStream: streams[i]! });
      });
    }
    parts.push({ kind: 'checksum', bytes: block.next - block.end });
  }
  return { bytes: bytes.length, parts, weights };
}

const total = (sizes: Readonly<Record<string, number>>): number =>
  Object.values(sizes).reduce((sum, size) => sum + size, 0);
