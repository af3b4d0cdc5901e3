import { denseWeight, type Layer, type Model, type Shape } from '@pare/core';
import { expect, test } from 'vitest';
import { referenceForward } from './reference.ts';

/** What one layer makes of its inputs: the first channels of the data go to `a`, all of it to `b` if the layer takes two. */
function outputOf(layer: Layer, input: readonly number[], shape: Shape, weights: Model['weights'] = []): number[] {
  const layers: Layer[] = [{ kind: 'input', name: 'data', inputs: [], outputShape: shape }, layer];
  return [...referenceForward({ layers, weights, history: [] }, input)];
}

const base = { name: 'layer', inputs: ['data'] } as const;
const numbers = (name: string, ...values: number[]) => denseWeight(name, [values.length], Float32Array.from(values));

test('normalises over neighbouring channels', () => {
  const layer: Layer = { ...base, kind: 'lrn', size: 3, alpha: 3, beta: 0.5, k: 1, outputShape: [3, 1, 1] };
  // Σ over the neighbours that exist: 1+4, 1+4+9, 4+9; alpha/size = 1
  const expected = [1 / Math.sqrt(6), 2 / Math.sqrt(15), 3 / Math.sqrt(14)];
  outputOf(layer, [1, 2, 3], [3, 1, 1]).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 14);
  });
});

test('normalises a batch by what it has seen, per channel', () => {
  const layer: Layer = {
    ...base,
    kind: 'batchnorm',
    mean: 'm',
    variance: 'v',
    gamma: 'g',
    epsilon: 1,
    outputShape: [2, 1, 2],
  };
  const weights = [numbers('m', 1, 2), numbers('v', 3, 8), numbers('g', 4, 3)];
  expect(outputOf(layer, [1, 2, 2, 5], [2, 1, 2], weights)).toEqual([0, 2, 0, 3]);
  const shifted: Layer = { ...layer, beta: 'b' };
  expect(outputOf(shifted, [1, 2, 2, 5], [2, 1, 2], [...weights, numbers('b', 10, 20)])).toEqual([10, 12, 20, 23]);
});

test('adds, and puts channels one behind the other', () => {
  const twice = { ...base, inputs: ['data', 'data'] };
  expect(outputOf({ ...twice, kind: 'add', outputShape: [2] }, [1, 2], [2])).toEqual([2, 4]);
  expect(outputOf({ ...twice, kind: 'concat', outputShape: [4] }, [1, 2], [2])).toEqual([1, 2, 1, 2]);
});

test('leaves out the numbers between the taps of a dilated kernel', () => {
  const layer: Layer = {
    ...base,
    kind: 'conv2d',
    kernel: 'w',
    filters: 1,
    kernelSize: [1, 2],
    stride: [1, 1],
    padding: [0, 0, 1, 0],
    dilation: [1, 3],
    groups: 1,
    outputShape: [1, 1, 3],
  };
  const w = denseWeight('w', [1, 1, 1, 2], Float32Array.of(10, 1));
  expect(outputOf(layer, [1, 2, 3, 4, 5], [1, 1, 5], [w])).toEqual([3, 14, 25]);
});

test.each([
  ['relu6', undefined, [0, 0, 1, 6]],
  ['sigmoid', undefined, [0.000335, 0.2689, 0.7311, 0.999665]],
  ['tanh', undefined, [-1, -0.7616, 0.7616, 1]],
  ['elu', undefined, [-0.99966, -0.6321, 1, 8]],
  ['elu', 2, [-1.99933, -1.2642, 1, 8]],
  ['leakyRelu', undefined, [-0.08, -0.01, 1, 8]],
  ['leakyRelu', 0.5, [-4, -0.5, 1, 8]],
  ['hardSigmoid', undefined, [0, 0.3, 0.7, 1]],
  ['hardSigmoid', 0.25, [0, 0.25, 0.75, 1]],
  ['hardSwish', undefined, [0, -1 / 3, 2 / 3, 8]],
  ['swish', undefined, [-0.00268, -0.2689, 0.7311, 7.9973]],
  ['gelu', undefined, [0, -0.1587, 0.8413, 8]],
] as const)('knows %s with alpha %s', (name, alpha, expected) => {
  const layer: Layer = { ...base, kind: 'activation', function: name, ...(alpha && { alpha }), outputShape: [4] };
  outputOf(layer, [-8, -1, 1, 8], [4]).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 4);
  });
});

test('refuses what it cannot know', () => {
  const layer: Layer = { ...base, kind: 'foreign', operation: 'Einsum', outputShape: [4] };
  expect(() => outputOf(layer, [1], [1])).toThrow('layer "layer" is foreign ("Einsum")');
});
