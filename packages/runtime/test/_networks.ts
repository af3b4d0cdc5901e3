import { elementCount, type Layer, type Model, type Shape, type Weight } from '@pare/core';
import { plainConv2d, plainLrn, plainPool, plainVector } from '@pare/sparse-kernels';
import { denseValues } from '@pare/testkit';
import { activationOf } from '../src/activations.ts';

/** Shapes of the weights that layers want. */
export function shapesFor(layers: readonly Layer[]): Map<string, Shape> {
  const outputs = new Map(layers.map(({ name, outputShape }) => [name, outputShape]));
  const shapes = new Map<string, Shape>();
  for (const layer of layers) {
    const input = outputs.get(layer.inputs[0]!);
    if (layer.kind === 'conv2d')
      shapes.set(layer.kernel, [layer.filters, input![0]! / layer.groups, ...layer.kernelSize]);
    if (layer.kind === 'dense') shapes.set(layer.kernel, [layer.units, elementCount(input!)]);
    if ((layer.kind === 'conv2d' || layer.kind === 'dense') && layer.bias)
      shapes.set(layer.bias, [layer.outputShape[0]!]);
  }
  return shapes;
}

/**
 * Computes what a network does, one array for each layer and nothing shared: what the runtime is compared with.
 *
 * Layers come in order.
 */
export function naive({ layers, weights }: Pick<Model, 'layers' | 'weights'>, input: Float32Array): Float32Array {
  const outputs = new Map<string, { readonly shape: Shape; readonly values: Float32Array }>();
  const numbers = (name: string): Float32Array =>
    denseValues(weights.find((weight: Weight) => weight.name === name)!.form);
  for (const layer of layers) {
    const given = layer.inputs.map((name) => outputs.get(name)!);
    outputs.set(layer.name, { shape: layer.outputShape, values: compute(layer, given, numbers, input) });
  }
  return outputs.get(layers.at(-1)!.name)!.values;
}

function compute(
  layer: Layer,
  given: readonly { readonly shape: Shape; readonly values: Float32Array }[],
  numbers: (name: string) => Float32Array,
  input: Float32Array,
): Float32Array {
  const x = given[0]?.values ?? input;
  const [channels = 1, height = 1, width = 1] = given[0]?.shape ?? [];
  const plane = height * width;
  switch (layer.kind) {
    case 'conv2d': {
      const bias = layer.bias === undefined ? undefined : numbers(layer.bias);
      return plainConv2d({ channels, height, width, ...layer }, x, numbers(layer.kernel), bias);
    }
    case 'dense':
      return plainVector(
        x,
        numbers(layer.kernel),
        layer.bias === undefined ? new Float32Array(layer.units) : numbers(layer.bias),
      );
    case 'pool': {
      const [, rows = 1, columns = 1] = layer.outputShape;
      const { size, stride, padding, mode } = layer;
      return plainPool(
        { channels, height, width, size, stride, top: padding[0], left: padding[2], rows, columns },
        x,
        mode,
      );
    }
    case 'relu':
      return x.map((value) => Math.max(0, value));
    case 'activation':
      return x.map(activationOf(layer));
    case 'lrn':
      return plainLrn(x, plane, layer);
    case 'batchnorm': {
      const [mean, variance] = [numbers(layer.mean), numbers(layer.variance)];
      const [gamma, beta] = [layer.gamma, layer.beta].map((name) => (name === undefined ? undefined : numbers(name)));
      return x.map((value, i) => {
        const c = Math.floor(i / plane);
        return ((gamma?.[c] ?? 1) * (value - mean[c]!)) / Math.sqrt(variance[c]! + layer.epsilon) + (beta?.[c] ?? 0);
      });
    }
    case 'add':
      return x.map((_, i) => given.reduce((sum, { values }) => sum + values[i]!, 0));
    case 'concat':
      return Float32Array.from(given.flatMap(({ values }) => [...values]));
    case 'softmax':
      return x.map((value, i) => {
        let sum = 0;
        for (let j = i % plane; j < x.length; j += plane) sum += Math.exp(x[j]! - value);
        return 1 / sum;
      });
    default:
      return x;
  }
}

/** Layers of all ways to share memory, joined as chance says. */
export function randomNetwork(
  choices: readonly { readonly kind: number; readonly from: readonly number[] }[],
): Layer[] {
  const layers: Layer[] = [{ kind: 'input', name: 'data', inputs: [], outputShape: [3, 2, 2] }];
  choices.forEach(({ kind, from }, i) => {
    const name = `layer${i}`;
    const sources = from.map((index) => layers[index % layers.length]!);
    const [first] = sources as [Layer];
    const { outputShape } = first;
    const base = { name, inputs: [first.name], outputShape };
    if (kind === 0) layers.push({ ...base, kind: 'relu' });
    else if (kind === 1) layers.push({ ...base, kind: 'activation', function: 'tanh' });
    else if (kind === 2) layers.push({ ...base, kind: 'foreign', operation: 'Dropout' });
    else if (kind === 3) {
      const same = sources.filter(({ outputShape: shape }) => shape.join() === outputShape.join());
      layers.push({ ...base, kind: 'add', inputs: same.map((source) => source.name) });
    } else if (kind === 4) layers.push({ ...base, kind: 'lrn', size: 3, alpha: 1, beta: 0.75, k: 1 });
    else if (kind === 5) layers.push({ ...base, kind: 'softmax' });
    else if (kind === 6) {
      const window = { size: [2, 2], stride: [1, 1], padding: [0, 1, 0, 1], rounding: 'floor' } as const;
      layers.push({ ...base, kind: 'pool', mode: 'max', ...window });
    } else {
      const channels = sources.reduce((sum, source) => sum + source.outputShape[0]!, 0);
      if (channels > 60) layers.push({ ...base, kind: 'relu' });
      else
        layers.push({
          ...base,
          kind: 'concat',
          inputs: sources.map((source) => source.name),
          outputShape: [channels, 2, 2],
        });
    }
  });
  return layers;
}
