import { CorruptDataError, type ImportSource, type Shape } from '@pare/core';
import type { Tensor } from '../graph.ts';
import { firstNonFinite, fromFloat16, NUMBER_SIZE, type NumberType, toFloat32 } from '../numbers.ts';
import type { TensorProto } from './schema.ts';

/** A tensor that is known before the network runs. */
export interface Constant {
  readonly name: string;
  readonly shape: Shape;
  /** What ONNX calls its type. */
  readonly type: string;
  /** Whether its numbers can be weights. */
  readonly isFloat: boolean;
  /** Its numbers; the same array each time. */
  numbers(): Float32Array;
  /** Its first 64 numbers as whole ones: shapes and axes. */
  integers(): readonly number[];
  /** Whether none of its numbers is infinite or none. */
  isFinite(): boolean;
}

/**
 * Reads a tensor, whichever of ONNX's ways its numbers are stored in.
 *
 * @param external - files beside the model, by name
 * @throws CorruptDataError if the numbers do not fill the shape
 */
export function readTensor(proto: TensorProto, external: ReadonlyMap<string, Uint8Array>): Constant {
  const { name = '', dims: shape = [], data_type: code = 0 } = proto;
  const type = TYPES[code] ?? { name: `type ${code}` };
  const count = shape.reduce((product, extent) => product * extent, 1);
  const refuse = (what: string): never => {
    throw new CorruptDataError('tensor', 0, `"${name}" ${what}`);
  };
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) refuse(`has shape [${shape.join(', ')}]`);
  const bytes = proto.data_location === 1 ? externalBytes(proto, external) : proto.raw_data;
  const stored = proto.float_data ?? proto.double_data ?? proto.int32_data ?? proto.int64_data ?? proto.uint64_data;
  const size = type.number ? NUMBER_SIZE[type.number] : (type.size ?? 0);
  const length = bytes ? bytes.length / size : (stored?.length ?? 0);
  if (size > 0 && length !== count) refuse(`has ${length} numbers for shape [${shape.join(', ')}]`);
  const { number } = type;
  const numbers = (): Float32Array => {
    if (bytes) return number ? toFloat32(bytes, number) : new Float32Array(0);
    if (number === 'float16' && proto.int32_data) return Float32Array.from(proto.int32_data, fromFloat16);
    if (number === 'bfloat16' && proto.int32_data) return toFloat32(halves(proto.int32_data), 'bfloat16');
    return stored instanceof Float32Array ? stored : Float32Array.from(stored ?? []);
  };
  const readNumbers = once(numbers);
  return {
    name,
    shape,
    type: type.name,
    isFloat: number?.includes('float') ?? false,
    numbers: readNumbers,
    integers: once(() => {
      const first = bytes?.subarray(0, MOST_INTEGERS * size);
      if (first && type.size === 8) return int64s(first);
      if (first) return number ? Array.from(toFloat32(first, number)) : [];
      return Array.from(stored?.slice(0, MOST_INTEGERS) ?? []);
    }),
    isFinite: once(() => firstNonFinite(readNumbers()) < 0),
  };
}

/** A tensor may be of any size, and be named as a shape. */
const MOST_INTEGERS = 64;

/** A matrix [C, K] as [K, C]. */
export function transposed(constant: Constant): Constant {
  const [C, K] = constant.shape as [number, number];
  return derived(constant, [K, C], () => {
    const values = constant.numbers();
    const out = new Float32Array(values.length);
    for (let k = 0; k < K; k++) for (let c = 0; c < C; c++) out[k * C + c] = values[c * K + k]!;
    return out;
  });
}

/** A constant that is computed from others. */
export function derived(from: Constant, shape: Shape, compute: () => Float32Array): Constant {
  const numbers = once(compute);
  return {
    ...from,
    shape,
    numbers,
    integers: once(() => Array.from(numbers().subarray(0, MOST_INTEGERS))),
    isFinite: once(() => firstNonFinite(numbers()) < 0),
  };
}

/** A constant as a weight. */
export const tensorOf = ({ name, shape, numbers }: Constant): Tensor => ({ name, shape, values: numbers() });

/**
 * Reads the files in which a model keeps tensors that are too large for it.
 *
 * @throws MissingPartError if one is absent
 */
export async function externalFiles(
  tensors: readonly TensorProto[],
  source: ImportSource,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const tensor of tensors) {
    const location = tensor.data_location === 1 ? entry(tensor, 'location') : undefined;
    if (location !== undefined && !files.has(location)) files.set(location, await source.sibling(location));
  }
  return files;
}

const TYPES: Readonly<Record<number, { name: string; number?: NumberType; size?: number }>> = {
  1: { name: 'FLOAT', number: 'float32' },
  2: { name: 'UINT8', number: 'uint8' },
  3: { name: 'INT8', number: 'int8' },
  4: { name: 'UINT16', number: 'uint16' },
  5: { name: 'INT16', number: 'int16' },
  6: { name: 'INT32', number: 'int32' },
  7: { name: 'INT64', size: 8 },
  8: { name: 'STRING' },
  9: { name: 'BOOL', number: 'uint8' },
  10: { name: 'FLOAT16', number: 'float16' },
  11: { name: 'DOUBLE', number: 'float64' },
  12: { name: 'UINT32', number: 'uint32' },
  13: { name: 'UINT64', size: 8 },
  16: { name: 'BFLOAT16', number: 'bfloat16' },
};

const entry = ({ external_data: entries = [] }: TensorProto, key: string): string | undefined =>
  entries.find((one) => one.key === key)?.value;

function externalBytes(tensor: TensorProto, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const location = entry(tensor, 'location') ?? '';
  const file = files.get(location) ?? new Uint8Array(0);
  const offset = Number(entry(tensor, 'offset') ?? 0);
  const length = Number(entry(tensor, 'length') ?? file.length - offset);
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    throw new CorruptDataError('external', 0, `"${tensor.name}" has no proper place in "${location}"`);
  }
  if (offset + length > file.length) {
    throw new CorruptDataError(
      'external',
      file.length,
      `"${tensor.name}" takes bytes ${offset} to ${offset + length} of "${location}", which has ${file.length}`,
    );
  }
  return file.subarray(offset, offset + length);
}

const halves = (words: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(words).buffer);

function int64s(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
