import { denseWeight, elementCount, type Layer, type Model, type Random, type Shape, type Weight } from '@pare/core';
import { shapedLayers } from './_shape.ts';

/**
 * Makes a model of layers by drawing its weights: kernels from a normal distribution of variance 2 / fan-in, biases zero.
 *
 * @param random - each weight draws from a fork of its own, so adding a layer never reshuffles the others
 * @example
 * parameterCount(initialize(lenet300(), seededRandom(1))) // 266610
 * @see He, Zhang, Ren, Sun 2015, equation 10
 */
export function initialize(layers: readonly Layer[], random: Random, name?: string): Model {
  const weights = shapedLayers(layers).flatMap(({ layer: { kernel, bias }, shape }): Weight[] => [
    denseWeight(kernel, shape, normals(shape, random.fork(kernel))),
    ...(bias === undefined ? [] : [denseWeight(bias, [shape[0]], new Float32Array(shape[0]))]),
  ]);
  return { ...(name !== undefined && { name }), layers, weights, history: [] };
}

function normals(shape: Shape, random: Random): Float32Array {
  const [outputs = 1] = shape;
  const count = elementCount(shape);
  const deviation = Math.sqrt((2 * outputs) / count); // fan-in = count / outputs
  return Float32Array.from({ length: count }, () => deviation * random.normal());
}
