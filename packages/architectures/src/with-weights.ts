import { checkModel, type Layer, type Model, type Weight, weightNames } from '@pare/core';
import { namesFor } from './_names.ts';

/**
 * Attaches weights that were read from elsewhere to the layers they belong to, and gives them the layers' names for them.
 *
 * A weight belongs where it has the name, or the layer's name and what it is in another way: `conv1/kernel` may be called
 * `conv1.weight`, `conv1/weights`, `conv1_w`, `conv1.kernel`; `conv1/bias` may be `conv1.bias`, `conv1/biases`, `conv1_b`.
 *
 * @param weights - output-major, in any order and form
 * @returns the model, its weights in the order of the layers
 * @throws RangeError if a layer misses a weight, a weight finds no layer, or a shape is not the one the layer implies
 * @example
 * const layers = sequence([2], [{ kind: 'dense', name: 'ip', units: 1 }]);
 * const read = [denseWeight('ip.bias', [1], Float32Array.of(0)), denseWeight('ip.weight', [1, 2], Float32Array.of(3, 4))];
 * withWeights(layers, read).weights.map(({ name }) => name) // ['ip/kernel', 'ip/bias']
 */
export function withWeights(layers: readonly Layer[], weights: readonly Weight[], name?: string): Model {
  const left = new Map(weights.map((weight) => [weight.name, weight]));
  const attached = layers.flatMap((layer) =>
    weightNames(layer).map(({ role, name: wanted }) => {
      const found = namesFor(layer.name, role, wanted).find((candidate) => left.has(candidate));
      const weight = found === undefined ? undefined : left.get(found);
      if (!weight) {
        throw new RangeError(
          `withWeights: "weights" expected the ${role} of layer "${layer.name}", named "${wanted}", got ${namesOf(left)}`,
        );
      }
      left.delete(weight.name);
      return weight.name === wanted ? weight : { ...weight, name: wanted };
    }),
  );
  if (left.size > 0) {
    throw new RangeError(`withWeights: no layer takes ${namesOf(left)}: leave them out if they are not needed`);
  }
  const model: Model = { ...(name !== undefined && { name }), layers, weights: attached, history: [] };
  checkModel(model);
  return model;
}

const namesOf = (weights: ReadonlyMap<string, Weight>): string =>
  [...weights.keys()].map((name) => `"${name}"`).join(', ') || 'none';
