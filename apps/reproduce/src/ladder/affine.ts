import { denseWeight, type Model, parametrizationOf } from '@pare/core';
import { builtinForms } from '@pare/tfjs';
import { brotliSize } from '../brotli.ts';

/** A network as a server would send it without any tool: its bytes, and what comes out at the other end. */
export interface AffineNetwork {
  readonly bytes: number;
  readonly model: Model;
}

/**
 * Makes kernels affine integers per tensor and puts everything through brotli −11: one byte an integer, behind its tensor's scale and
 * least value as float32; vectors stay float32.
 *
 *     scale = (max − min) / (2^bits − 1)      q = round((w − min) / scale)      ŵ = q · scale + min
 *
 * @param bits - 1 … 8
 */
export function affineNetwork(model: Model, bits: number): AffineNetwork {
  const parts: Uint8Array[] = [];
  const weights = model.weights.map((weight) => {
    const values = parametrizationOf(weight.form, builtinForms).toDense(weight.form);
    if (weight.shape.length < 2) {
      parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return weight;
    }
    const { scale, least, codes } = affine(values, bits);
    parts.push(new Uint8Array(Float32Array.of(scale, least).buffer), codes);
    return denseWeight(
      weight.name,
      weight.shape,
      Float32Array.from(codes, (code) => code * scale + least),
    );
  });
  return { bytes: brotliSize(Buffer.concat(parts)), model: { ...model, weights } };
}

function affine(values: Float32Array, bits: number): { scale: number; least: number; codes: Uint8Array } {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const scale = Math.fround((most - least) / (2 ** bits - 1)) || 1;
  const codes = Uint8Array.from(values, (value) => Math.min(2 ** bits - 1, Math.round((value - least) / scale)));
  return { scale, least, codes };
}
