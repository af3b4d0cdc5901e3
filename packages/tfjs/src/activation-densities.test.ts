import { sequence } from '@pare/architectures';
import { denseWeight, type Model } from '@pare/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { activationDensities } from './activation-densities.ts';
import { startWasm } from './backend.ts';

beforeAll(startWasm);

// One weight of 1 and one of −1: of a map of 0 and 1 the first filter keeps the ones, the second nothing that is above zero.
const model: Model = {
  layers: sequence(
    [1, 2, 2],
    [
      { kind: 'conv2d', name: 'conv', filters: 2, kernelSize: 1 },
      { kind: 'relu', name: 'relu' },
      { kind: 'flatten', name: 'flat' },
      { kind: 'dense', name: 'fc', units: 2 },
    ],
  ),
  weights: [
    denseWeight('conv/kernel', [2, 1, 1, 1], Float32Array.of(1, -1)),
    denseWeight('conv/bias', [2], Float32Array.of(0, 0)),
    denseWeight('fc/kernel', [2, 8], new Float32Array(16).fill(1)),
    denseWeight('fc/bias', [2], Float32Array.of(0.5, 0)),
  ],
  history: [],
};
const pixels = Uint8Array.of(1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0); // a quarter, three quarters, none

test('counts what is not zero before each layer and behind its ReLU, whatever the batch', async () => {
  const before = tf.memory().numTensors;
  for (const batchSize of [1, 2, 3]) {
    const found = await activationDensities(model, { pixels, count: 3, shape: [1, 2, 2] }, { batchSize });
    expect(found.conv).toEqual({ inputs: 4 / 12, outputs: 4 / 24 });
    expect(found.fc).toEqual({ inputs: 4 / 24, outputs: (2 + 2 + 1) / 6 }); // the bias alone is not zero
  }
  expect(tf.memory().numTensors).toBe(before);
});

test('refuses examples of another shape, and batches that are none', async () => {
  await expect(activationDensities(model, { pixels, count: 1, shape: [1, 3, 4] })).rejects.toThrow(
    'activationDensities: "shape" expected [1, 2, 2]',
  );
  await expect(activationDensities(model, { pixels, count: 3, shape: [1, 2, 2] }, { batchSize: 0 })).rejects.toThrow(
    'activationDensities: "batchSize" expected a count ≥ 1, got 0',
  );
});
