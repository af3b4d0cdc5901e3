import { initialize, sequence } from '@pare/architectures';
import { elementCount, type Layer, seededRandom } from '@pare/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRuntime, NetworkError } from './index.ts';

// Whatever a file says its network is: it runs, or it is refused with an error that says why, before anything runs.

const layers = sequence(
  [3, 9, 9],
  [
    { kind: 'conv2d', name: 'conv1', filters: 4, kernelSize: 3, padding: 1 },
    { kind: 'relu', name: 'relu1' },
    { kind: 'lrn', name: 'norm1', size: 3 },
    { kind: 'pool', name: 'pool1', size: 3, stride: 2, rounding: 'ceil' },
    { kind: 'conv2d', name: 'conv2', filters: 6, kernelSize: 1, groups: 2 },
    { kind: 'pool', name: 'pool2', mode: 'average', size: 'global' },
    { kind: 'flatten', name: 'flatten' },
    { kind: 'dense', name: 'ip', units: 5 },
    { kind: 'softmax', name: 'prob' },
  ],
);
const model = initialize(layers, seededRandom(1));

const numbers = fc.constantFrom(-1, 0, 0.5, 1, 2, 3, 7, 1000, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY);
const names = fc.constantFrom('data', 'conv1', 'pool1', 'prob', 'nothing', '');
const kinds = fc.constantFrom(
  'relu',
  'add',
  'concat',
  'input',
  'conv2d',
  'dense',
  'batchnorm',
  'lstm',
  'activation',
  'foreign',
);
/** Replaces a number somewhere in a layer, or its inputs, or its kind. */
const damages = fc.array(
  fc.record({
    layer: fc.nat(layers.length - 1),
    field: fc.nat(20),
    at: fc.nat(3),
    number: numbers,
    name: names,
    kind: kinds,
    what: fc.nat(5),
  }),
  { minLength: 1, maxLength: 3 },
);

function damaged(
  layer: Layer,
  {
    field,
    at,
    number,
    name,
    kind,
    what,
  }: { field: number; at: number; number: number; name: string; kind: string; what: number },
): Layer {
  if (what === 0) return { ...layer, inputs: [...layer.inputs, name] };
  if (what === 1) return { ...layer, inputs: [name] };
  if (what === 2) return { ...layer, kind } as Layer;
  const fields = Object.entries(layer).filter(([, value]) => typeof value === 'number' || Array.isArray(value));
  const [key, value] = fields[field % fields.length]!;
  if (typeof value === 'number') return { ...layer, [key]: number };
  if (key === 'inputs') return { ...layer, inputs: [] };
  return { ...layer, [key]: value.map((old: number, i: number) => (i === at % value.length ? number : old)) };
}

test('a damaged network runs, or is refused with an error of its own', () => {
  let [refused, ran] = [0, 0];
  fc.assert(
    fc.property(damages, (list) => {
      const broken = layers.slice();
      for (const damage of list) broken[damage.layer] = damaged(broken[damage.layer]!, damage);
      try {
        const runtime = createRuntime({ ...model, layers: broken }, { maximumBytes: 2 ** 26 });
        const output = runtime.runSync(new Float32Array(elementCount(runtime.inputShape)).fill(1));
        expect(output).toHaveLength(elementCount(runtime.outputShape));
        ran++;
      } catch (error) {
        if (!(error instanceof NetworkError)) expect(error).toBeInstanceOf(RangeError); // too large for the memory
        refused++;
      }
    }),
    { numRuns: 800 },
  );
  expect(refused).toBeGreaterThan(250);
  expect(ran).toBeGreaterThan(2);
});
