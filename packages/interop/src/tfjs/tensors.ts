import { CorruptDataError, type Dense, elementCount, type Shared } from '@pare/core';
import { fromFloat16 } from '../numbers.ts';
import type { TensorSpec } from './topology.ts';

/** A tensor as a shard holds it. */
export interface StoredTensor {
  readonly spec: TensorSpec;
  /** Little-endian, as described by `spec`. */
  readonly bytes: Uint8Array;
}

/**
 * Cuts the bytes of a group of shards, joined, into its tensors.
 *
 * @throws CorruptDataError if they are fewer or more than the tensors need
 */
export function cutTensors(specs: readonly TensorSpec[], bytes: Uint8Array, where: string): StoredTensor[] {
  let offset = 0;
  const tensors = specs.map((spec) => {
    const size = byteLength(spec, bytes, offset);
    if (!(size <= bytes.length - offset)) {
      throw new CorruptDataError('truncated', bytes.length, `${where} end within "${spec.name}"`);
    }
    offset += size;
    return { spec, bytes: bytes.subarray(offset - size, offset) };
  });
  if (offset < bytes.length) {
    throw new CorruptDataError('trailing-data', offset, `${where} have more data than their tensors`);
  }
  return tensors;
}

const BYTES_PER_NUMBER: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

function byteLength({ shape, dtype, quantization }: TensorSpec, bytes: Uint8Array, start: number): number {
  const count = elementCount(shape);
  if (dtype !== 'string') return count * BYTES_PER_NUMBER[quantization?.dtype ?? dtype]!;
  // Each text is preceded by its length.
  const view = viewOf(bytes);
  let end = start;
  for (let i = 0; i < count; i++) {
    if (end + 4 > bytes.length) return Infinity;
    end += 4 + view.getUint32(end, true);
  }
  return end - start;
}

/**
 * The numbers of a float tensor, dequantised exactly as tfjs does it: in double precision, rounded once, to float32.
 *
 * Numbers quantised to integers are few different ones, and are kept so where that is smaller: as indices into a codebook of
 * all `q · scale + min` that occur.
 */
export function formOf(tensor: StoredTensor): Dense | Shared {
  const { bytes, spec } = tensor;
  const { dtype, scale = 1, min = 0 } = spec.quantization ?? { dtype: 'float32' };
  const count = elementCount(spec.shape);
  const view = viewOf(bytes);
  if (dtype === 'float32') return sharedAgain(dense(count, (i) => view.getFloat32(4 * i, true)));
  if (dtype === 'float16') return dense(count, (i) => fromFloat16(view.getUint16(2 * i, true)));
  const at = dtype === 'uint8' ? (i: number) => bytes[i]! : (i: number) => view.getUint16(2 * i, true);
  const indexOf = new Int32Array(dtype === 'uint8' ? 256 : 65536).fill(-1);
  for (let i = 0; i < count; i++) indexOf[at(i)] = 0;
  let entries = 0;
  for (const [q, seen] of indexOf.entries()) if (seen === 0) indexOf[q] = entries++;
  if (!sharingPays(entries, count)) return dense(count, (i) => at(i) * scale + min);
  const codebook = new Float32Array(entries);
  for (const [q, entry] of indexOf.entries()) if (entry >= 0) codebook[entry] = q * scale + min;
  const indices = new Uint16Array(count);
  for (let i = 0; i < count; i++) indices[i] = indexOf[at(i)]!;
  return { kind: 'shared', codebook, indices, mask: new Uint8Array(count).fill(1) };
}

/** More different numbers are rarely a codebook: trained ones that are short, like float16, repeat too. */
const MOST_ENTRIES = 1024;

/**
 * Sees that numbers were shared once, when they were compressed: then they are so again, zeros pruned, and what is made of them
 * is no larger than before.
 */
function sharedAgain(form: Dense): Dense | Shared {
  const { values } = form;
  if (values.length < FEWEST_NUMBERS) return form;
  const seen = new Set<number>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // A set does not tell −0 from 0.
    if (Object.is(value, -0) || !Number.isFinite(value)) return form;
    if (value !== 0) seen.add(value);
    if (seen.size > MOST_ENTRIES) return form;
  }
  const codebook = Float32Array.from(seen).sort();
  if (seen.size === 0 || !(sharingPays(seen.size, values.length) || haveOneStep(codebook))) return form;
  const entryOf = new Map(Array.from(codebook, (value, entry) => [value, entry]));
  const indices = Uint16Array.from(values, (value) => entryOf.get(value) ?? 0);
  return { kind: 'shared', codebook, indices, mask: Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) };
}

/** Of fewer numbers one cannot say whether they are few different ones by chance. */
const FEWEST_NUMBERS = 16;

/** Whether numbers are multiples, up to some hundreds, of one step: Euclid's algorithm, which is exact on floats. */
function haveOneStep(numbers: Float32Array): boolean {
  const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let step = 0;
  for (const number of numbers) {
    let rest = step;
    step = Math.abs(number);
    while (rest > 0) [step, rest] = [rest, step % rest];
    if (step * MOST_ENTRIES < largest) return false;
  }
  return true;
}

/** An entry costs 4 bytes; an index saves about 2 of the 3 or more that a dequantised number takes by itself. */
const sharingPays = (entries: number, count: number): boolean => 2 * entries < count;

function dense(count: number, at: (i: number) => number): Dense {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = at(i);
  return { kind: 'dense', values };
}

/**
 * Writes numbers as `spec` says, if that is exact: numbers that are still on its grid take as few bytes as they came in.
 *
 * @returns undefined if one of them cannot be written so
 */
export function storeExactly(values: Float32Array, { quantization }: TensorSpec): Uint8Array | undefined {
  const { dtype, scale = 1, min = 0 } = quantization ?? { dtype: 'float32' };
  if (dtype === 'float32') return littleEndian(values);
  const bytes = new Uint8Array(values.length * BYTES_PER_NUMBER[dtype]!);
  const view = viewOf(bytes);
  const highest = dtype === 'uint8' ? 255 : 65535;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const stored = dtype === 'float16' ? toFloat16(value) : scale === 0 ? 0 : Math.round((value - min) / scale);
    const exact =
      dtype === 'float16'
        ? Object.is(Math.fround(fromFloat16(stored)), value)
        : stored >= 0 && stored <= highest && Object.is(Math.fround(stored * scale + min), value);
    if (!exact) return undefined;
    if (dtype === 'uint8') bytes[i] = stored;
    else view.setUint16(2 * i, stored, true);
  }
  return bytes;
}

/** The float16 that a number is, if it is one; else some other. */
function toFloat16(value: number): number {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | (size * 2 ** 24); // `|` drops what is no whole number
  const exponent = Math.min(15, Math.floor(Math.log2(size)));
  return sign | ((exponent + 15) << 10) | ((size * 2 ** (10 - exponent)) & 1023);
}

export function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = viewOf(bytes);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
  return bytes;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
