import { CorruptDataError, type Importer, type Shape } from '@pare/core';
import { type NumberType, toFloat32 } from '../numbers.ts';
import { type StoredTensor, weightsOf } from '../tensor-list.ts';

/**
 * Reads safetensors: names, shapes and numbers, and no network, so `layers` is empty. Metadata comes along in `topology`,
 * as `SafetensorsTopology`.
 *
 * ```
 * n:u64 | n bytes of JSON: { name: { dtype, shape, data_offsets: [begin, end) }, …, "__metadata__": { … } } | data
 * ```
 *
 * Offsets count from the end of the header. As its specification asks, tensors neither overlap nor leave gaps.
 *
 * @see github.com/huggingface/safetensors, README, "Format"
 */
export const safetensors: Importer = {
  id: 'safetensors',
  extensions: ['safetensors'],
  recognizes({ bytes }) {
    if (bytes.length < 10) return false;
    const size = headerSize(bytes);
    return (
      size >= 2 && size <= bytes.length - 8 && bytes[8] === BRACE && /^\{\s*["}]/.test(text(bytes.subarray(8, 40)))
    );
  },
  async read({ bytes }) {
    const { tensors, metadata } = readHeader(bytes);
    const { weights, notes } = weightsOf(tensors);
    const topology: SafetensorsTopology | undefined = metadata && { safetensors: 1, metadata };
    return { model: { layers: [], weights, ...(topology && { topology }), history: [] }, notes };
  },
};

/** What `Model.topology` holds of a safetensors file: its `__metadata__`. */
export interface SafetensorsTopology {
  readonly safetensors: 1;
  readonly metadata: Readonly<Record<string, string>>;
}

const BRACE = 0x7b;
// 100 MB: what the reference implementation accepts. A header of more names no weights.
const MOST_HEADER_BYTES = 100_000_000;

const TYPES: Readonly<Record<string, { readonly size: number; readonly type?: NumberType }>> = {
  F64: { size: 8, type: 'float64' },
  F32: { size: 4, type: 'float32' },
  F16: { size: 2, type: 'float16' },
  BF16: { size: 2, type: 'bfloat16' },
  I64: { size: 8 },
  U64: { size: 8 },
  I32: { size: 4 },
  U32: { size: 4 },
  I16: { size: 2 },
  U16: { size: 2 },
  I8: { size: 1 },
  U8: { size: 1 },
  BOOL: { size: 1 },
  F8_E4M3: { size: 1 },
  F8_E5M2: { size: 1 },
};

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

function readHeader(bytes: Uint8Array) {
  if (bytes.length < 8) throw new CorruptDataError('truncated', bytes.length, 'expected 8 bytes of header length');
  const size = headerSize(bytes);
  if (size > MOST_HEADER_BYTES || size > bytes.length - 8) {
    throw new CorruptDataError('header-length', 0, `a header of ${size} bytes in a file of ${bytes.length}`);
  }
  const start = 8 + size;
  let metadata: Record<string, string> | undefined;
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(parseObject(text(bytes.subarray(8, start))))) {
    if (name === '__metadata__') metadata = readMetadata(value);
    else entries.push(readEntry(name, value));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered || end > bytes.length - start) {
      throw new CorruptDataError(
        'offsets',
        8,
        `"${name}" takes bytes ${begin} to ${end}, expected a beginning at ${covered} and an end within ${bytes.length - start}`,
      );
    }
    covered = end;
  }
  if (covered !== bytes.length - start) {
    throw new CorruptDataError('offsets', start + covered, `${bytes.length - start - covered} bytes of no tensor`);
  }
  const tensors = entries.map(({ name, dtype, shape, begin, end }): StoredTensor => {
    const { type } = TYPES[dtype]!;
    const data = bytes.subarray(start + begin, start + end);
    return { name, shape, type: dtype, values: type && (() => toFloat32(data, type)), rounded: type === 'float64' };
  });
  return { tensors, metadata };
}

function readEntry(name: string, value: unknown): Entry {
  const refuse = (what: string): never => {
    throw new CorruptDataError('header', 8, `"${name}" has ${what}`);
  };
  if (typeof value !== 'object' || value === null) return refuse('no description');
  const { dtype, shape, data_offsets: offsets } = value as Partial<Record<'dtype' | 'shape' | 'data_offsets', unknown>>;
  if (typeof dtype !== 'string' || !Object.hasOwn(TYPES, dtype))
    return refuse(`an unknown type ${JSON.stringify(dtype)}`);
  if (!isCounts(shape)) return refuse('a shape that is no list of whole numbers');
  if (!isCounts(offsets) || offsets.length !== 2) return refuse('no offsets of beginning and end');
  const [begin, end] = offsets as [number, number];
  const count = shape.reduce((product, extent) => product * extent, 1);
  // A product beyond 2^53 is inexact, and far beyond any file.
  if (count * TYPES[dtype]!.size !== end - begin)
    refuse(`shape [${shape.join(', ')}] of ${dtype} in ${end - begin} bytes`);
  return { name, dtype, shape, begin, end };
}

function readMetadata(value: unknown): Record<string, string> {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function parseObject(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new CorruptDataError('header', 8, 'the header is no JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CorruptDataError('header', 8, 'the header is no JSON object');
  }
  return value;
}

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

/** Lengths beyond 2^53 come out inexact and are refused all the same. */
function headerSize(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
