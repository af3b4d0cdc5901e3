import { fire, initialize, sequence } from '@pare/architectures';
import { type LayerStatistics, type Model, mapWeights, seededRandom } from '@pare/core';
import { denseValues, referenceForward } from '@pare/testkit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from './backend.ts';
import { createCalibration } from './calibration.ts';
import type { Examples } from './examples.ts';

beforeAll(startWasm);

const model = initialize(
  sequence(
    [3, 8, 8],
    [
      { kind: 'conv2d', name: 'conv', filters: 6, kernelSize: 3, padding: 1 },
      { kind: 'relu', name: 'relu' },
      fire('fire', { squeeze: 2, expand1x1: 3 }),
      { kind: 'flatten', name: 'flatten' },
      { kind: 'dense', name: 'ip', units: 4 },
    ],
    { scale: 1 / 128, mean: [1, 1, 1] },
  ),
  seededRandom(1),
);
/** The same network, its numbers rounded. */
const rounded: Model = mapWeights(model, ({ weight }) => ({
  ...weight,
  form: { kind: 'dense', values: denseValues(weight.form).map((value) => Math.round(value * 8) / 8) },
}));

const random = seededRandom(2);
const count = 20;
const examples: Examples = {
  pixels: Uint8Array.from({ length: count * 192 }, () => random.integer(256)),
  labels: Uint8Array.from({ length: count }, () => random.integer(4)),
  count,
  shape: [3, 8, 8],
};
/** All but the fifth that is held back, as the calibration splits them, as the network takes them. */
const order = seededRandom(1)
  .fork('split')
  .shuffle([...Array(count).keys()]);
const images = order.slice(4).map((n) => {
  const pixels = examples.pixels.subarray(n * 192, (n + 1) * 192);
  return Float32Array.from(pixels, (value) => value / 128 - 1);
});

/** What layer `name` puts out for an image. */
const outputOf = (network: Model, name: string, image: Float32Array): Float64Array => {
  const end = network.layers.findIndex((layer) => layer.name === name) + 1;
  return referenceForward({ ...network, layers: network.layers.slice(0, end) }, image);
};

/** Windows of 3 × 3 of a map [C, 8, 8] with a rim of zeros, rows [C, 3, 3]. */
const windowsOf = (map: ArrayLike<number>): number[][] =>
  Array.from({ length: 64 }, (_, position) =>
    Array.from({ length: (map.length / 64) * 9 }, (_, d) => {
      const h = Math.floor(position / 8) + (Math.floor(d / 3) % 3) - 1;
      const w = (position % 8) + (d % 3) - 1;
      return h < 0 || w < 0 || h > 7 || w > 7 ? 0 : map[Math.floor(d / 9) * 64 + h * 8 + w]!;
    }),
  );

const inputsOf: Readonly<Record<string, (network: Model, image: Float32Array) => number[][]>> = {
  'conv/kernel': (_network, image) => windowsOf(image),
  'fire/expand3x3/kernel': (network, image) => windowsOf(outputOf(network, 'fire/relu_squeeze1x1', image)),
  'ip/kernel': (network, image) => [[...outputOf(network, 'flatten', image)]],
};

function moment(left: number[][], right: number[][]): Float64Array {
  const size = left[0]!.length;
  const out = new Float64Array(size * size);
  left.forEach((row, m) => {
    row.forEach((value, i) => {
      for (let j = 0; j < size; j++) out[i * size + j]! += (value * right[m]![j]!) / left.length;
    });
  });
  return out;
}

function expectClose(given: Float32Array, expected: Float64Array): void {
  expect(given).toHaveLength(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(given[i]! - value)), 0);
  expect(worst).toBeLessThan(1e-5 * largest);
}

describe('statistics', () => {
  const all = { positions: 64 };

  test.each(Object.keys(inputsOf))('has the moments of what %s is applied to', async (kernel) => {
    const statistics = await createCalibration(model, examples, all).statistics(rounded, { reference: model });
    const { inputSecondMoment, inputMean, exampleMoment, crossMoment } = statistics.get(kernel)!;
    const meanOf = (rows: number[][]) =>
      rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]! / rows.length, 0));
    const rows = images.flatMap((image) => inputsOf[kernel]!(rounded, image));
    const originals = images.flatMap((image) => inputsOf[kernel]!(model, image));
    expectClose(inputSecondMoment, moment(rows, rows));
    expectClose(crossMoment!, moment(originals, rows));
    expectClose(inputMean, Float64Array.from(meanOf(rows)));
    if (kernel === 'ip/kernel') expect(exampleMoment).toBeUndefined();
    else {
      const means = images.map((image) => meanOf(inputsOf[kernel]!(rounded, image)));
      expectClose(exampleMoment!, moment(means, means));
    }
  });

  test('has the Fisher information of the last layer: E[(p − drawn label)²]', async () => {
    const fisher = (await createCalibration(model, examples).statistics(model)).get('ip/kernel')!.outputFisher;
    const probabilities = images.map((image) => {
      const powers = referenceForward(model, image).map(Math.exp);
      return powers.map((power) => power / powers.reduce((a, b) => a + b));
    });
    // Its mean over drawn labels is p(1 − p); 16 draws leave an error of about p(1 − p) · |1 − 2p| / 4 each.
    fisher.forEach((value, k) => {
      const mean = probabilities.reduce((sum, p) => sum + (p[k]! * (1 - p[k]!)) / images.length, 0);
      expect(value).toBeGreaterThan(0);
      expect(Math.abs(value - mean)).toBeLessThan(0.15);
    });
  });

  test('does not depend on the size of the batches, nor on which kernels are asked for', async () => {
    const one = await createCalibration(model, examples, { batchSize: 3, positions: 5 }).statistics(model);
    const other = await createCalibration(model, examples, { batchSize: 8, positions: 5 }).statistics(model, {
      kernels: ['fire/expand3x3/kernel', 'conv/kernel'],
    });
    expect([...other.keys()]).toEqual(['conv/kernel', 'fire/expand3x3/kernel']);
    for (const [name, { inputSecondMoment, inputMean, outputFisher }] of other) {
      expectClose(inputSecondMoment, Float64Array.from(one.get(name)!.inputSecondMoment));
      expectClose(inputMean, Float64Array.from(one.get(name)!.inputMean));
      expectClose(outputFisher, Float64Array.from(one.get(name)!.outputFisher));
    }
  });

  // So it is asked where all kernels are in forms of plugins; it ended in an error of tfjs about gradients.
  test('says nothing where no kernel is asked for', async () => {
    const none = await createCalibration(model, examples).statistics(model, { kernels: [] });
    expect(none.size).toBe(0);
  });

  test('uses as many examples for the Fisher information as it is told, and none where it is not wanted', async () => {
    const calibration = createCalibration(model, examples, { fisherExamples: 3, batchSize: 2 });
    const few = await calibration.statistics(model, { kernels: ['ip/kernel'] });
    const without = await calibration.statistics(model, { kernels: ['ip/kernel'], fisher: false });
    expect([...without.get('ip/kernel')!.outputFisher]).toEqual([1, 1, 1, 1]);
    expect(without.get('ip/kernel')!.inputMean).toEqual(few.get('ip/kernel')!.inputMean);
    const sum = few.get('ip/kernel')!.outputFisher.reduce((a, b) => a + b);
    expect(sum).toBeGreaterThan(0);
  });

  test('works on a backend whose memory is out of reach', async () => {
    const on = (): Promise<ReadonlyMap<string, LayerStatistics>> =>
      createCalibration(model, examples, { positions: 6 }).statistics(rounded);
    const wasm = await on();
    await import('@tensorflow/tfjs-backend-cpu');
    tf.setBackend('cpu');
    const cpu = await on().finally(() => tf.setBackend('wasm'));
    for (const [name, { inputSecondMoment, outputFisher }] of cpu) {
      expectClose(wasm.get(name)!.inputSecondMoment, Float64Array.from(inputSecondMoment));
      expectClose(wasm.get(name)!.outputFisher, Float64Array.from(outputFisher));
    }
  });

  test('reports progress, can be called off, and leaves no tensors behind either way', async () => {
    const before = tf.memory().numTensors;
    const calibration = createCalibration(model, examples, { batchSize: 8, fisherExamples: 4 });
    const progress: number[] = [];
    await calibration.statistics(model, { onProgress: (done) => progress.push(done) });
    expect(progress).toEqual([0.125, 0.25, 0.75, 1]); // gradients by twos, then by eights
    const stop = new AbortController();
    const asked = calibration.statistics(model, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(asked).rejects.toThrow('aborted');
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses kernels that there are not, and a reference of other layers', async () => {
    const calibration = createCalibration(model, examples);
    await expect(calibration.statistics(model, { kernels: ['conv'] })).rejects.toThrow('got "conv"');
    const reference = { ...model, layers: model.layers.slice(0, 3) };
    await expect(calibration.statistics(model, { reference })).rejects.toThrow('expected a layer "fire/squeeze1x1"');
  });
});

describe('judge', () => {
  test('compares with the original on the examples held back', async () => {
    const calibration = createCalibration(model, examples);
    expect(await calibration.judge(model)).toEqual({ divergence: 0, agreement: 1, drop: 0, count: 4 });
    const { divergence, count: held } = await calibration.judge(rounded);
    expect(held).toBe(4);
    const answers = (network: Model, n: number): Float64Array => {
      const image = Float32Array.from(examples.pixels.subarray(n * 192, (n + 1) * 192), (value) => value / 128 - 1);
      const powers = referenceForward(network, image).map(Math.exp);
      return powers.map((power) => power / powers.reduce((a, b) => a + b));
    };
    const expected = order.slice(0, 4).reduce((sum, n) => {
      const [p, q] = [answers(model, n), answers(rounded, n)];
      return sum + p.reduce((total, value, k) => total + value * Math.log(value / q[k]!), 0) / 4;
    }, 0);
    expect(divergence).toBeGreaterThan(1e-6);
    expect(divergence).toBeCloseTo(expected, 5);
  });

  test('says nothing of points where there are no labels', async () => {
    const { labels: _, ...unlabelled } = examples;
    const calibration = createCalibration(model, unlabelled, { heldBack: 0.5 });
    expect(await calibration.judge(model)).toEqual({ divergence: 0, agreement: 1, count: 10 });
  });
});

test('createCalibration refuses what it cannot use', () => {
  expect(() => createCalibration(model, { ...examples, shape: [3, 64, 1] })).toThrow('"shape" expected [3, 8, 8]');
  expect(() => createCalibration(model, examples, { heldBack: 1 })).toThrow('"heldBack" expected 0 < share < 1, got 1');
  expect(() => createCalibration(model, examples, { positions: 0 })).toThrow('"positions" expected a count ≥ 1, got 0');
  const one: Examples = { ...examples, pixels: new Uint8Array(192), labels: new Uint8Array(1), count: 1 };
  expect(() => createCalibration(model, one)).toThrow('"examples" expected at least 2');
});
