import type { Model } from '@pare/core';

/** Share of each layer's weights that is left. */
export const keptShares = ({ layers, weights }: Model): Record<string, number> => {
  const byName = new Map(weights.map(({ name, form }) => [name, form]));
  return Object.fromEntries(
    layers.flatMap((layer) => {
      if (layer.kind !== 'conv2d' && layer.kind !== 'dense') return [];
      const form = byName.get(layer.kernel);
      const values = form && 'values' in form ? form.values : new Float32Array(0);
      return [[layer.name, values.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0) / values.length]];
    }),
  );
};
