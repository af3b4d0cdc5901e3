import type { Layer, Shape, Weight } from '@pare/core';
import { namesFor } from './_names.ts';
import { shapedLayers } from './_shape.ts';
import { alexnet } from './alexnet.ts';
import { googlenet } from './googlenet.ts';
import { lenet5, lenet300 } from './lenet.ts';
import { squeezenet } from './squeezenet.ts';
import { vgg16 } from './vgg.ts';

/** A network that is known by name. */
export interface Architecture {
  readonly name: string;
  layers(): Layer[];
}

/** The names that `architectureNamed` knows. */
export const architectureNames = (): string[] => ARCHITECTURES.map(({ name }) => name);

/**
 * Finds a network by its name: for a setting, or a word on a command line.
 *
 * @throws RangeError if none has it, naming those there are
 * @example
 * architectureNamed('squeezenet-1.1').layers().length // 66
 * architectureNamed('resnet') // throws RangeError: architectureNamed: "name" expected one of lenet-300-100, lenet-5, squeezenet-1.0, squeezenet-1.1, squeezenet-1.0-simple-bypass, squeezenet-1.0-complex-bypass, alexnet, vgg-16, googlenet, got "resnet"
 */
export function architectureNamed(name: string): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture.name === name);
  if (!found) {
    throw new RangeError(
      `architectureNamed: "name" expected one of ${architectureNames().join(', ')}, got ${JSON.stringify(name)}`,
    );
  }
  return found;
}

/**
 * Recognises a network by its weights: the first one known that has a place for each of them, by name (as `withWeights`
 * finds them) and shape, and needs no other. Values are not looked at.
 *
 * A network with bypasses that add no weights cannot be told from the one without: it is taken for that.
 *
 * @param weights - in any order and form
 * @returns undefined if none fits
 * @example
 * architectureOf(initialize(lenet300(), seededRandom(1)).weights)?.name // 'lenet-300-100'
 * architectureOf([]) // undefined
 */
export function architectureOf(weights: readonly Pick<Weight, 'name' | 'shape'>[]): Architecture | undefined {
  const shapes = new Map(weights.map(({ name, shape }) => [name, shape]));
  return ARCHITECTURES.find(({ layers }) => fits(layers(), shapes));
}

function fits(layers: readonly Layer[], shapes: ReadonlyMap<string, Shape>): boolean {
  const places = shapedLayers(layers).flatMap(({ layer: { name, kernel, bias }, shape }) => [
    { names: namesFor(name, 'kernel', kernel), shape },
    ...(bias === undefined ? [] : [{ names: namesFor(name, 'bias', bias), shape: [shape[0]] }]),
  ]);
  return (
    places.length === shapes.size &&
    places.every(({ names, shape }) => {
      const found = names.find((name) => shapes.has(name));
      return found !== undefined && shapes.get(found)!.join() === shape.join();
    })
  );
}

const ARCHITECTURES: readonly Architecture[] = [
  { name: 'lenet-300-100', layers: lenet300 },
  { name: 'lenet-5', layers: lenet5 },
  { name: 'squeezenet-1.0', layers: () => squeezenet() },
  { name: 'squeezenet-1.1', layers: () => squeezenet({ version: '1.1' }) },
  { name: 'squeezenet-1.0-simple-bypass', layers: () => squeezenet({ bypass: 'simple' }) },
  { name: 'squeezenet-1.0-complex-bypass', layers: () => squeezenet({ bypass: 'complex' }) },
  { name: 'alexnet', layers: () => alexnet() },
  { name: 'vgg-16', layers: () => vgg16() },
  { name: 'googlenet', layers: () => googlenet() },
];
