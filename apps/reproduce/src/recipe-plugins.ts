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
 * A recipe with plugins that were named on the command line, beside its own.
 *
 * @param words - names of packages, or paths as seen from the working directory
 * @throws RangeError if one does not load, is no plugin, or adds an id that is taken
 */
export async function withPlugins(recipe: Recipe, words: readonly string[]): Promise<Recipe> {
  if (words.length === 0) return recipe;
  const { loadPlugins } = await import('@pare/cli'); // all of the command: only where it is asked for
  try {
    const named = await loadPlugins(words, process.cwd());
    const plugins = [...(recipe.plugins ?? []), ...named];
    createRegistry(plugins);
    const departure = `it ran with ${named.map(({ name }) => name).join(', ')}`;
    return { ...recipe, plugins, departures: [...(recipe.departures ?? []), departure] };
  } catch (cause) {
    throw new RangeError(`--plugin: ${(cause as Error).message}`, { cause });
  }
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
