import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Model, Parametrization } from '@pare/core';
import { numbersOf, relative } from './numbers.ts';

/** What anyone has for free: the weights as a server would send them. */
export interface Baselines {
  /** Four bytes a number. */
  readonly rawBytes: number;
  readonly uint8GzipBytes: number;
  readonly uint8BrotliBytes: number;
  /** ‖Δw‖ / ‖w‖ over all weights, of both. */
  readonly uint8RelativeError: number;
}

/**
 * Weighs a model as float32 and as uint8: affine per tensor (q = round((w − min) / scale), as tfjs's converter does it), vectors left
 * as float32, all behind each other, through gzip −9 and brotli −11 with a window that holds it all.
 *
 * The compressors run beside the main thread.
 */
export async function baselines(model: Model, among?: readonly Parametrization[]): Promise<Baselines> {
  const parts: Uint8Array[] = [];
  let [rawBytes, signal, noise] = [0, 0, 0];
  for (const weight of model.weights) {
    const values = numbersOf(weight, among);
    rawBytes += 4 * values.length;
    for (let i = 0; i < values.length; i++) signal += values[i]! ** 2;
    if (weight.shape.length < 2) {
      parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      continue;
    }
    const { bytes, error } = quantizeAffine(values);
    parts.push(bytes);
    noise += error;
  }
  const bytes = Buffer.concat(parts);
  const brotli = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const [gzipped, brotlied] = await Promise.all([
    promisify(gzip)(bytes, { level: 9 }),
    promisify(brotliCompress)(bytes, { params: brotli }),
  ]);
  return {
    rawBytes,
    uint8GzipBytes: gzipped.length,
    uint8BrotliBytes: brotlied.length,
    uint8RelativeError: relative(signal, noise),
  };
}

/** Scale and minimum (two float32), then a byte a number; and the squared error of it. */
function quantizeAffine(values: Float32Array): { bytes: Uint8Array; error: number } {
  const [least, most] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [0, 0]);
  const scale = (most - least) / 255 || 1;
  const bytes = new Uint8Array(8 + values.length);
  new Float32Array(bytes.buffer, 0, 2).set([scale, least]);
  let error = 0;
  for (let i = 0; i < values.length; i++) {
    const level = Math.round((values[i]! - least) / scale);
    bytes[8 + i] = level;
    error += (values[i]! - (level * scale + least)) ** 2;
  }
  return { bytes, error };
}
