import { fire, initialize, sequence } from '@pare/architectures';
import { seededRandom } from '@pare/core';
import { referenceForward } from '@pare/testkit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { answersOf } from './answers.ts';
import { startWasm } from './backend.ts';
import type { Examples } from './examples.ts';

beforeAll(startWasm);

const model = initialize(
  sequence(
    [3, 9, 9],
    [
      { kind: 'conv2d', name: 'conv', filters: 8, kernelSize: 3, padding: 1 },
      { kind: 'relu', name: 'relu' },
      { kind: 'pool', name: 'pool', size: 3, stride: 2, rounding: 'ceil' },
      fire('fire', { squeeze: 2, expand1x1: 4 }),
      { kind: 'conv2d', name: 'last', filters: 7, kernelSize: 1, padding: 1 },
      { kind: 'pool', name: 'mean', mode: 'average', size: 'global' },
      { kind: 'softmax', name: 'prob' },
    ],
    { channelOrder: 'bgr', mean: [100, 120, 140] },
  ),
  seededRandom(1),
);
const random = seededRandom(2);
const pixels = Uint8Array.from({ length: 5 * 243 }, () => random.integer(256));
const examples: Examples = { pixels, count: 5, shape: [3, 9, 9] };

describe('answersOf', () => {
  test('gives the logits of every example, whatever the batch, and leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const progress: number[] = [];
    const answers = await answersOf(model, examples, { batchSize: 2, onProgress: (done) => progress.push(done) });
    expect(tf.memory().numTensors).toBe(before);
    expect(progress).toEqual([0.4, 0.8, 1]);
    expect(answers).toHaveLength(5 * 7);
    const { layers } = model;
    for (let n = 0; n < 5; n++) {
      const input = Float32Array.from({ length: 243 }, (_, i) => {
        const channel = Math.floor(i / 81);
        return pixels[n * 243 + (2 - channel) * 81 + (i % 81)]! - [100, 120, 140][channel]!;
      });
      const expected = referenceForward({ ...model, layers: layers.slice(0, -1) }, input);
      const largest = Math.max(...expected.map(Math.abs));
      expected.forEach((value, k) => void expect(Math.abs(answers[n * 7 + k]! - value)).toBeLessThan(1e-5 * largest));
    }
  });

  test('can be called off between batches, and frees its memory then', async () => {
    const before = tf.memory().numTensors;
    const stop = new AbortController();
    const asked = answersOf(model, examples, { batchSize: 1, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(asked).rejects.toThrow('aborted');
    expect(tf.memory().numTensors).toBe(before);
  });

  test('lets others have their turn between batches', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await answersOf(model, examples, { batchSize: 1 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  test('refuses examples that do not fit, and batches that are none', async () => {
    await expect(answersOf(model, { ...examples, shape: [3, 27, 3] })).rejects.toThrow('"shape" expected [3, 9, 9]');
    await expect(answersOf(model, examples, { batchSize: 0 })).rejects.toThrow('"batchSize" expected a count ≥ 1');
  });
});
