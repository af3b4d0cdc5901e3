import { CorruptDataError } from '@pare/core';
import type { Tensor } from '../graph.ts';
import { type NumberType, toFloat32 } from '../numbers.ts';
import type { BlobProto } from './schema.ts';

/**
 * Reads a blob, whichever way its version of Caffe wrote it: float32, float64 or raw numbers; a shape, or four extents of
 * which the first ones may be 1 for nothing.
 *
 * @throws CorruptDataError if the numbers do not fill the shape
 */
export function readBlob(name: string, blob: BlobProto): Tensor {
  const values = numbersOf(name, blob);
  const shape = blob.shape
    ? (blob.shape.dim ?? [])
    : [blob.num ?? 1, blob.channels ?? 1, blob.height ?? 1, blob.width ?? 1];
  const wrong = shape.some((extent) => !Number.isSafeInteger(extent) || extent < 0);
  if (wrong || shape.reduce((a, b) => a * b, 1) !== values.length) {
    throw new CorruptDataError('shape', 0, `"${name}" has ${values.length} numbers for shape [${shape.join(', ')}]`);
  }
  return { name, shape, values };
}

/**
 * Gives a blob the shape that its layer implies.
 *
 * @throws CorruptDataError if it has not as many numbers
 */
export function inShape({ name, shape: before, values }: Tensor, shape: readonly number[]): Tensor {
  if (!shape.every(Number.isSafeInteger) || shape.reduce((a, b) => a * b, 1) !== values.length) {
    throw new CorruptDataError(
      'shape',
      0,
      `"${name}" has shape [${before.join(', ')}], its layer expects [${shape.join(', ')}]`,
    );
  }
  return { name, shape, values };
}

const RAW: Readonly<Record<string, NumberType>> = { DOUBLE: 'float64', FLOAT: 'float32', FLOAT16: 'float16' };

function numbersOf(name: string, { data, double_data: doubles, raw_data: raw, raw_data_type: type }: BlobProto) {
  if (data) return data;
  if (doubles) return Float32Array.from(doubles);
  if (!raw) return new Float32Array(0);
  const known = RAW[type ?? 'DOUBLE'];
  if (known === undefined)
    throw new CorruptDataError('type', 0, `"${name}" holds raw numbers of an unknown type ${type}`);
  return toFloat32(raw, known);
}
