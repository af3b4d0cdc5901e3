import { createRegistry, type Decoder, type Model, type Parametrization, type Report, type Reporter } from '@pare/core';
import { type EncodeModelOptions, encodersFor } from '@pare/format';
import { builtinForms } from '@pare/tfjs';
import type { Recipe } from './recipe.ts';
import type { Result } from './result.ts';

/** What a recipe's plugins add to encoding, decoding, training and telling. */
export interface Added {
  readonly encode: EncodeModelOptions;
  readonly decoders: readonly Decoder[];
  /** All, those of the house first. */
  readonly forms: readonly Parametrization[];
  readonly reporters: readonly Reporter[];
}

/** @throws RangeError if two plugins of the recipe add the same id */
export function addedTo({ plugins = [], encode }: Pick<Recipe, 'plugins' | 'encode'>): Added {
  const { encoders, decoders, parametrizations, reporters } = createRegistry(plugins);
  return {
    encode: { ...encode, encoders: [...(encode.encoders ?? encodersFor[encode.coding ?? 'small']), ...encoders] },
    decoders,
    forms: [...builtinForms, ...parametrizations],
    reporters,
  };
}

/**
 * A result for a plugin's reporter.
 *
 * @param model - the final one, as decoded
 */
export function reportOf(
  { recipe, sizes, phases, final, accuracy, data, seconds }: Result,
  { weights }: Pick<Model, 'weights'>,
): Report {
  const { layers } = phases.find(({ phase }) => phase === final)!;
  const shapes = new Map(weights.map(({ name, shape }) => [name, shape]));
  const parts = new Map(sizes.parts.map((part) => [part.name, part]));
  return {
    title: recipe,
    bytes: sizes.fileBytes,
    originalBytes: sizes.originalBytes,
    beside: [],
    weights: layers.map(({ name, density, bytes }) => {
      return { name, shape: shapes.get(name)!, density, bytes, codec: parts.get(name)!.codec };
    }),
    facts: [
      { name: 'top-1 error, dense', value: 100 * (1 - accuracy.before), unit: '%' },
      { name: 'top-1 error, file', value: 100 * (1 - accuracy.after), unit: '%' },
      { name: 'time', value: seconds, unit: 's' },
    ],
    notes: [data.note],
  };
}
