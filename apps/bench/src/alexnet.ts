import { type Step, sequence } from '@pare/architectures';
import { denseWeight, elementCount, type Model, type Random, type Shape, seededRandom, type Weight } from '@pare/core';

/** Kept shares and entries of the codebook. Han, Mao, Dally 2016, table 4: 11 % of 60.97 M parameters, 8 bits and 5. */
const COMPRESSED: Readonly<Record<string, { readonly density: number; readonly entries: number }>> = {
  conv1: { density: 0.84, entries: 256 },
  conv2: { density: 0.38, entries: 256 },
  conv3: { density: 0.35, entries: 256 },
  conv4: { density: 0.37, entries: 256 },
  conv5: { density: 0.37, entries: 256 },
  fc6: { density: 0.09, entries: 32 },
  fc7: { density: 0.09, entries: 32 },
  fc8: { density: 0.25, entries: 32 },
};

/** Layers as in Krizhevsky, Sutskever, Hinton 2012, grouped as there, without what has no weights to store (normalisation, dropout). */
const pool = (name: string): Step => ({ kind: 'pool', name, size: 3, stride: 2 });
const STEPS: readonly Step[] = [
  { kind: 'conv2d', name: 'conv1', filters: 96, kernelSize: 11, stride: 4 },
  pool('pool1'),
  { kind: 'conv2d', name: 'conv2', filters: 256, kernelSize: 5, padding: 2, groups: 2 },
  pool('pool2'),
  { kind: 'conv2d', name: 'conv3', filters: 384, kernelSize: 3, padding: 1 },
  { kind: 'conv2d', name: 'conv4', filters: 384, kernelSize: 3, padding: 1, groups: 2 },
  { kind: 'conv2d', name: 'conv5', filters: 256, kernelSize: 3, padding: 1, groups: 2 },
  pool('pool5'),
  { kind: 'flatten', name: 'flatten' },
  { kind: 'dense', name: 'fc6', units: 4096 },
  { kind: 'dense', name: 'fc7', units: 4096 },
  { kind: 'dense', name: 'fc8', units: 1000 },
];

/**
 * An AlexNet as Deep Compression leaves it, its weights drawn: normal, the smallest pruned, the others shared.
 *
 * What is missing from real ones: rows and columns that are denser than others, which a file could use.
 */
export function sharedAlexnet(): Model {
  const random = seededRandom(1);
  const weights: Weight[] = [];
  const shapes = new Map<string, Shape>();
  const layers = sequence([3, 227, 227], STEPS);
  for (const layer of layers) {
    shapes.set(layer.name, layer.outputShape);
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') continue;
    const input = shapes.get(layer.inputs[0]!)!;
    const shape =
      layer.kind === 'dense'
        ? [layer.units, elementCount(input)]
        : [layer.filters, input[0]! / layer.groups, ...layer.kernelSize];
    weights.push(sharedWeight(layer.kernel, shape, COMPRESSED[layer.name]!, random.fork(layer.name)));
    const biases = Float32Array.from({ length: shape[0]! }, () => 0.1 * random.normal());
    weights.push(denseWeight(layer.bias!, [shape[0]!], biases));
  }
  return { name: 'alexnet', layers, weights, history: [] };
}

// In standard deviations: codebooks span −REACH … REACH, and weights beyond take the outermost entries.
const REACH = 4;

function sharedWeight(
  name: string,
  shape: Shape,
  { density, entries }: { readonly density: number; readonly entries: number },
  random: Random,
): Weight {
  const count = elementCount(shape);
  const indices = new Uint16Array(count);
  const mask = new Uint8Array(count);
  const threshold = thresholdFor(density);
  // Entries as k-means leaves them: not quite evenly spaced, of full precision.
  const scale = (REACH / Math.sqrt(count / shape[0]!)) * 2;
  const codebook = Float32Array.from(
    { length: entries },
    (_, entry) => scale * ((entry + 0.5 + 0.3 * (random.float() - 0.5)) / entries - 0.5),
  );
  // The distance to the next kept weight is geometric.
  const logMissing = Math.log1p(-density);
  for (let at = gap(); at < count; at += 1 + gap()) {
    const value = (random.float() < 0.5 ? -1 : 1) * tail(threshold, random);
    const entry = Math.floor((value / (2 * REACH) + 0.5) * entries);
    indices[at] = Math.max(0, Math.min(entries - 1, entry));
    mask[at] = 1;
  }
  return { name, shape, form: { kind: 'shared', codebook, indices, mask } };

  function gap(): number {
    return Math.floor(Math.log(1 - random.float()) / logMissing);
  }
}

/** Draws from a normal distribution what exceeds a threshold (Marsaglia 1964). */
function tail(threshold: number, random: Random): number {
  for (;;) {
    const value = Math.sqrt(threshold ** 2 - 2 * Math.log(1 - random.float()));
    if (random.float() * value < threshold) return value;
  }
}

/** The magnitude that this share of a normal distribution exceeds, by bisection of its integral. */
function thresholdFor(density: number): number {
  const steps = 1000;
  let pruned = 0;
  let threshold = 0;
  for (; pruned < 1 - density; threshold += 1 / steps) {
    pruned += (2 / steps) * (Math.exp(-(threshold ** 2) / 2) / Math.sqrt(2 * Math.PI));
  }
  return threshold;
}
