import {
  type Conv2dLayer,
  type DenseLayer,
  elementCount,
  kernelShape,
  type Layer,
  type Shape,
  weightNames,
} from '@pare/core';
import { NetworkError } from './network-error.ts';
import { isIdentity, outputShape, shown } from './output-shape.ts';

/**
 * Checks all that can be known of a network before anything runs, and puts its layers in an order in which each comes after
 * those that it takes. Layers that the last one does not need are left out.
 *
 * @param weights - shapes of the weights there are, by name
 * @returns the layers that count, the input first, the output last
 * @throws NetworkError naming the layer, what was expected and what came
 * @example
 * const layer = { kind: 'relu', name: 'a', inputs: ['b'], outputShape: [1] } as const;
 * checkNetwork([layer, { ...layer, name: 'b', inputs: ['a'] }], new Map()) // throws NetworkError: layer "b": waits for itself: b ← a ← b
 */
export function checkNetwork(layers: readonly Layer[], weights: ReadonlyMap<string, Shape>): readonly Layer[] {
  const byName = new Map<string, Layer>();
  for (const layer of layers) {
    if (byName.has(layer.name)) throw new NetworkError('duplicate-layer', layer.name, 'another layer has this name');
    byName.set(layer.name, layer);
  }
  const last = layers.at(-1);
  if (!last) throw new NetworkError('inputs', '', 'the network expected at least one layer, got none');
  const ordered = neededBy(last, byName);
  const inputs = ordered.filter(({ kind }) => kind === 'input');
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => `"${name}"`).join(', ') || 'none';
    throw new NetworkError('inputs', '', `the network expected one input layer, got ${names}`);
  }
  const shapes = new Map<string, Shape>();
  for (const layer of ordered) {
    checkExtents(layer);
    const given = layer.inputs.map((name) => shapes.get(name)!);
    const derived = outputShape(layer, given);
    if (derived.join() !== layer.outputShape.join()) {
      throw new NetworkError(
        'shape',
        layer.name,
        `"outputShape" expected ${shown(derived)}, which follows from its inputs, got ${shown(layer.outputShape)}`,
      );
    }
    shapes.set(layer.name, derived);
    checkWeights(layer, given[0] ?? [], weights);
  }
  return ordered;
}

/** The last layer and what it needs, each after what it takes; else in the order given. */
function neededBy(last: Layer, byName: ReadonlyMap<string, Layer>): Layer[] {
  const ordered: Layer[] = [];
  const state = new Map<string, 'waiting' | 'done'>();
  // A stack of our own: a network of a million layers in a row must not end the one of the engine.
  const stack: { readonly layer: Layer; next: number }[] = [{ layer: last, next: 0 }];
  state.set(last.name, 'waiting');
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const name = top.layer.inputs[top.next++];
    if (name === undefined) {
      ordered.push(top.layer);
      state.set(top.layer.name, 'done');
      stack.pop();
      continue;
    }
    const layer = byName.get(name);
    if (!layer) throw new NetworkError('missing-layer', top.layer.name, `takes "${name}", which no layer makes`);
    if (state.get(name) === 'waiting') {
      const names = stack.map((entry) => entry.layer.name);
      const circle = [...names.slice(names.indexOf(name)), name];
      throw new NetworkError('cycle', name, `waits for itself: ${circle.join(' ← ')}`);
    }
    if (state.get(name) === 'done') continue;
    state.set(name, 'waiting');
    stack.push({ layer, next: 0 });
  }
  return ordered;
}

function checkExtents({ name, outputShape: shape }: Layer): void {
  const most = 2 ** 28; // a GiB of float32: more would not fit beside anything else in a memory of 32-bit addresses
  const fits =
    (shape.length === 1 || shape.length === 3) &&
    shape.every((extent) => Number.isSafeInteger(extent) && extent >= 1 && extent <= most) &&
    elementCount(shape) <= most;
  if (fits) return;
  throw new NetworkError('shape', name, `"outputShape" expected [C] or [C, H, W] of at most 2^28, got ${shown(shape)}`);
}

function checkWeights(layer: Layer, input: Shape, weights: ReadonlyMap<string, Shape>): void {
  if (isIdentity(layer)) return;
  for (const { role, name } of weightNames(layer)) {
    const shape = weights.get(name);
    if (!shape) throw new NetworkError('missing-weight', layer.name, `needs the ${role} "${name}", which is absent`);
    const expected =
      role === 'kernel' ? kernelShape(layer as Conv2dLayer | DenseLayer, input) : [layer.outputShape[0]!];
    if (expected.join() === shape.join()) continue;
    throw new NetworkError(
      'weight-shape',
      layer.name,
      `the ${role} "${name}" expected shape ${shown(expected)}, got ${shown(shape)}`,
    );
  }
}
