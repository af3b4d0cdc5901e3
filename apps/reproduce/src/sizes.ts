import { gzipSync } from 'node:zlib';
import { elementCount, type Form, type Model, type Parametrization, parametrizationOf } from '@pare/core';
import { builtinForms } from '@pare/tfjs';
import { brotliSize } from './brotli.ts';

/** The kept share of a weight. */
export interface LayerSize {
  readonly name: string;
  readonly elements: number;
  readonly kept: number;
  readonly density: number;
}

/** Counts what is not zero, weight by weight. */
export function layerSizes(model: Model, forms: readonly Parametrization[] = builtinForms): LayerSize[] {
  return model.weights.map(({ name, shape, form }) => {
    const elements = elementCount(shape);
    const kept = parametrizationOf<Form>(form, forms)
      .toDense(form)
      .reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
    return { name, elements, kept, density: kept / elements };
  });
}

/**
 * Counts what the same weights take with what everyone has for free: each tensor as uint8 between its own extremes
 * (8 bytes for them), all of it through gzip -9 or brotli -11.
 */
export function freeSizes(
  model: Model,
  forms: readonly Parametrization[] = builtinForms,
): { readonly uint8GzipBytes: number; readonly uint8BrotliBytes: number } {
  const parts: Uint8Array[] = [];
  for (const { form } of model.weights) {
    const values = parametrizationOf<Form>(form, forms).toDense(form);
    let low = 0; // zero is always exactly representable at an end or by rounding the offset; pruned nets are mostly zero
    let high = 0;
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const step = (high - low) / 255 || 1;
    const zero = Math.round(-low / step);
    parts.push(
      new Uint8Array(Float32Array.of(step, low).buffer),
      Uint8Array.from(values, (value) => Math.round(value / step) + zero),
    );
  }
  const bytes = Buffer.concat(parts);
  return { uint8GzipBytes: gzipSync(bytes, { level: 9 }).length, uint8BrotliBytes: brotliSize(bytes) };
}
