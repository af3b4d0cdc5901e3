import type { Conv2dLayer, Workload } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { convolution, fullyConnected } from '../test/layers.ts';
import { geometryOf } from './index.ts';

const conv = convolution('conv1', [4, 9, 9], { filters: 6, kernelSize: 3, stride: 2, padding: 1, groups: 2 });
const changed = (layer: Partial<Conv2dLayer>): Workload => ({
  ...conv,
  layer: { ...conv.layer, ...layer } as Conv2dLayer,
});

test('a convolution in the letters of the papers: padding is part of the map, a group has its share of channels', () => {
  expect(geometryOf(conv)).toEqual({
    ...{ name: 'conv1', M: 6, C: 4, R: 3, S: 3, H: 11, W: 11, E: 5, F: 5, U: 2, G: 2, reach: 3 },
    ...{ weights: 6 * 2 * 9, macs: 6 * 2 * 9 * 25, inputs: 4 * 81, outputs: 6 * 25 },
  });
});

test('a dense layer after a map has a filter as large as that; after numbers, one of 1 × 1', () => {
  const onMap = geometryOf({ ...fullyConnected('fc', 12, 5), inputShape: [3, 2, 2] });
  expect(onMap).toMatchObject({ C: 3, R: 2, S: 2, H: 2, W: 2, E: 1, F: 1, macs: 60 });
  expect(geometryOf(fullyConnected('fc', 12, 5))).toMatchObject({ C: 12, R: 1, S: 1, H: 1, W: 1, macs: 60 });
});

test('no work: a batch of none, a kernel of zeros, a layer without a kernel', () => {
  expect(geometryOf({ ...conv, batch: 0 })).toBeUndefined();
  expect(geometryOf({ ...conv, weightDensity: 0 })).toBeUndefined();
  const { name, inputs, outputShape } = conv.layer;
  expect(geometryOf({ ...conv, layer: { kind: 'relu', name, inputs, outputShape } })).toBeUndefined();
});

describe('an impossible layer is named, with what was expected and what came', () => {
  test.each<[Workload, RegExp]>([
    [{ ...conv, weightDensity: -0.1 }, /layer "conv1": "weightDensity" expected 0 … 1, got -0.1/],
    [{ ...conv, activationBits: 33 }, /layer "conv1": "activationBits" expected 1 … 32, got 33/],
    [{ ...conv, batch: 1.5 }, /layer "conv1": "batch" expected a whole number ≥ 0, got 1.5/],
    [{ ...conv, effectiveMacs: 1e9 }, /layer "conv1": "effectiveMacs" expected 0 … 2700/],
    [{ ...conv, weights: new Float32Array(7) }, /layer "conv1": "weights" expected 108 numbers, got 7/],
    [{ ...conv, inputs: new Float32Array(7) }, /layer "conv1": "inputs" expected 324 numbers for \[4, 9, 9\], got 7/],
    [{ ...conv, inputShape: [4, 81] }, /layer "conv1": "inputShape" expected \[C, H, W\], got \[4, 81\]/],
    [changed({ groups: 4 }), /layer "conv1": "groups" expected a divisor of 4 channels and 6 filters, got 4/],
    [
      changed({ padding: [1, 1, 0.5, 0.5] }),
      /layer "conv1": "padding" expected whole numbers ≥ 0, got \[1, 1, 0.5, 0.5\]/,
    ],
    [changed({ padding: [-1, 3, 1, 1] }), /layer "conv1": "padding" expected whole numbers ≥ 0, got \[-1, 3, 1, 1\]/],
    [changed({ padding: [Number.NaN, 1, 1, 1] }), /layer "conv1": "padding" expected whole numbers ≥ 0, got \[NaN/],
    [changed({ dilation: [6, 6] }), /layer "conv1": a filter of 13 × 13 does not fit in a padded map of 11 × 11/],
    [changed({ outputShape: [6, 4, 5] }), /layer "conv1": "outputShape" expected \[6, 5, 5\]/],
  ])('%#', (work, message) => {
    expect(() => geometryOf(work)).toThrow(RangeError);
    expect(() => geometryOf(work)).toThrow(message);
  });
});
