import { fire, initialize, sequence } from '@pare/architectures';
import { denseWeight, type Layer, type Model, type Progress, retrain, run, seededRandom } from '@pare/core';
import { magnitudePrune } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { denseValues } from '@pare/testkit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { answersOf } from './answers.ts';
import { centreCrops, randomCrops } from './augmentation.ts';
import { startWasm } from './backend.ts';
import { compareAnswers } from './calibration/drift.ts';
import { evaluate } from './evaluate.ts';
import type { Examples } from './examples.ts';
import { createTrainer, type TrainState } from './trainer.ts';

beforeAll(startWasm);

/** Which colour a picture of noise has more of. */
function colours(count: number, seed: number, side = 8): Examples {
  const random = seededRandom(seed);
  const labels = Uint16Array.from({ length: count }, () => random.integer(3));
  const area = side * side;
  const pixels = Uint8Array.from(
    { length: count * 3 * area },
    (_, i) => random.integer(190) + (Math.floor(i / area) % 3 === labels[Math.floor(i / (3 * area))] ? 60 : 0),
  );
  return { pixels, labels, count, shape: [3, side, side] };
}

const train = colours(192, 1);
const validation = colours(90, 2);
const unlabelled = ({ labels: _, ...rest }: Examples): Examples => rest;

/** A net as SqueezeNet is: pools rounded up, a Fire module, a rim before the average. */
const net = (): Model =>
  initialize(
    sequence(
      [3, 8, 8],
      [
        { kind: 'conv2d', name: 'conv', filters: 6, kernelSize: 3, padding: 1 },
        { kind: 'relu', name: 'relu' },
        { kind: 'pool', name: 'pool', size: 3, stride: 2, rounding: 'ceil' },
        fire('fire', { squeeze: 3, expand1x1: 5 }),
        { kind: 'lrn', name: 'norm' },
        { kind: 'conv2d', name: 'last', filters: 3, kernelSize: 1, padding: 1 },
        { kind: 'pool', name: 'mean', mode: 'average', size: 'global' },
        { kind: 'flatten', name: 'flatten' },
      ],
      { channelOrder: 'bgr', scale: 1 / 64, mean: [2, 2, 2] },
    ),
    seededRandom(3),
  );
const budget = { epochs: 8, batchSize: 16, learningRate: 0.02 } as const;
const start = { random: seededRandom(4) };

describe('networks with joins', () => {
  test('are trained, pruned, shared and trained again, and leave no tensors behind', async () => {
    const trainer = createTrainer({ train, validation });
    const before = tf.memory().numTensors;
    const dense = await run(net(), [retrain(budget)], { ...start, trainer });
    expect((await trainer.evaluate(dense)).error).toBeLessThan(0.15); // by chance: 0.67
    const stages = [magnitudePrune({ keep: 0.5 }), shareWeights({ bits: 3 }), retrain({ ...budget, epochs: 4 })];
    const small = await run(dense, stages, { ...start, trainer });
    const shared = await run(dense, stages.slice(0, 2), { ...start, trainer });
    expect(small.weights.filter(({ form }) => form.kind === 'shared').length).toBeGreaterThanOrEqual(5);
    for (const [i, { form }] of small.weights.entries()) {
      const was = shared.weights[i]!.form;
      if (form.kind !== 'shared' || was.kind !== 'shared') continue;
      expect(form.mask).toEqual(was.mask);
      expect(form.indices).toEqual(was.indices);
      expect(form.codebook).not.toEqual(was.codebook);
    }
    expect((await trainer.evaluate(small)).error).toBeLessThan(0.2);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('with batch normalisation keep its mean and variance', async () => {
    const layers = sequence([3, 8, 8], [{ kind: 'conv2d', name: 'conv', filters: 4, kernelSize: 3 }]);
    const norm: Layer = {
      kind: 'batchnorm',
      name: 'norm',
      inputs: ['conv'],
      outputShape: [4, 6, 6],
      mean: 'mean',
      variance: 'variance',
      gamma: 'gamma',
      epsilon: 1e-3,
    };
    const dense: Layer = {
      kind: 'dense',
      name: 'ip',
      inputs: ['norm'],
      outputShape: [3],
      kernel: 'ip/kernel',
      units: 3,
    };
    const random = seededRandom(6);
    const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal() / 64);
    const statistics = ['mean', 'variance', 'gamma'].map((name) => denseWeight(name, [4], Float32Array.of(1, 2, 3, 4)));
    const { weights } = initialize(layers, random);
    const all = [...weights, ...statistics, denseWeight('ip/kernel', [3, 144], draw(432))];
    const model: Model = { layers: [...layers, norm, dense], weights: all, history: [] };
    const after = await run(model, [retrain({ ...budget, epochs: 1 })], {
      ...start,
      trainer: createTrainer({ train, validation }),
    });
    const moved = after.weights.filter(({ form }, i) => denseValues(form).join() !== denseValues(all[i]!.form).join());
    expect(moved.map(({ name }) => name)).toEqual(['conv/kernel', 'conv/bias', 'gamma', 'ip/kernel']);
  });
});

describe('distillation', () => {
  test('alone needs no labels, neither to learn nor to judge', async () => {
    const teacher = await run(net(), [retrain(budget)], { ...start, trainer: createTrainer({ train, validation }) });
    const trainer = createTrainer({ train: unlabelled(train), validation: unlabelled(validation), teacher });
    const divergences: number[] = [];
    const following = retrain({ ...budget, epochs: 20, distill: 1, temperature: 2, keepBest: true });
    const student = await run(net(), [following], {
      ...start,
      trainer,
      onProgress: ({ divergence }) => void (divergence !== undefined && divergences.push(divergence)),
    });
    const [original, answers] = [await answersOf(teacher, validation), await answersOf(student, validation)];
    const { divergence, agreement } = compareAnswers(original, answers, 3);
    expect(agreement).toBeGreaterThan(0.8);
    expect(divergences).toHaveLength(20);
    expect(divergence).toBeCloseTo(Math.min(...divergences), 6);
    await expect(run(net(), [retrain({ ...budget, distill: 0.5 })], { ...start, trainer })).rejects.toThrow(
      'retrain: without labels "distill" expected 1, got 0.5',
    );
    await expect(trainer.evaluate(student)).rejects.toThrow('"labels" expected 90, got none');
  });

  test('without labels needs a teacher', () => {
    expect(() => createTrainer({ train: unlabelled(train), validation })).toThrow('"labels" expected 192, got none');
  });
});

describe('keepBest', () => {
  const accuracies = async (keepBest: boolean, more: object = {}): Promise<[Model, number[]]> => {
    const seen: number[] = [];
    const model = await run(good, [retrain({ ...wild, keepBest, ...more })], {
      ...start,
      trainer: createTrainer({ train, validation }),
      onProgress: ({ accuracy }: Progress) => void (accuracy !== undefined && seen.push(accuracy)),
    });
    return [model, seen];
  };
  // Steps so large that the network gets worse.
  const wild = { epochs: 4, batchSize: 16, learningRate: 0.5, schedule: 'constant' } as const;
  let good: Model;
  beforeAll(async () => {
    good = await run(net(), [retrain(budget)], { ...start, trainer: createTrainer({ train, validation }) });
  });

  test('gives back what was best, be it the start', async () => {
    const [last, seen] = await accuracies(false);
    const [best] = await accuracies(true);
    expect(evaluate(last, validation).error).toBeCloseTo(1 - seen.at(-1)!, 6);
    const first = evaluate(good, validation).error;
    expect(Math.max(...seen)).toBeLessThan(1 - first);
    expect(best.weights.map(({ form }) => denseValues(form))).toEqual(
      good.weights.map(({ form }) => denseValues(form)),
    );
  });

  test('ends after so many epochs that were not better', async () => {
    const [, seen] = await accuracies(true, { patience: 2 });
    expect(seen).toHaveLength(2);
  });

  test('remembers the best over an interruption', async () => {
    let held: TrainState | undefined;
    const store = { read: () => held, write: (state: TrainState) => void (held = state) };
    const abort = new AbortController();
    const stages = [retrain({ ...wild, keepBest: true })];
    const broken = run(good, stages, {
      ...start,
      trainer: createTrainer({ train, validation, store }),
      signal: abort.signal,
      onProgress: ({ epoch, accuracy }) =>
        void (epoch === 2 && accuracy !== undefined && abort.abort(new Error('stop'))),
    });
    await expect(broken).rejects.toThrow('stop');
    expect(held!.best!.epoch).toBe(0);
    const trainer = createTrainer({ train, validation, store });
    const resumed = await run(good, stages, { ...start, trainer });
    expect(resumed.weights.map(({ form }) => denseValues(form))).toEqual(
      good.weights.map(({ form }) => denseValues(form)),
    );
  });
});

describe('pictures stored larger than the network takes them', () => {
  const large = { train: colours(192, 1, 11), validation: colours(90, 2, 11) };

  test('are cropped at random to learn from and in the middle to judge', async () => {
    const trainer = createTrainer({ ...large, augmentation: randomCrops });
    const model = await run(net(), [retrain({ ...budget, augment: true })], { ...start, trainer });
    const { error } = await trainer.evaluate(model);
    expect(error).toBeLessThan(0.2);
    expect(error).toBe(evaluate(model, centreCrops(large.validation, [3, 8, 8])).error);
  });

  test('are cropped for a teacher too', async () => {
    const teacher = net();
    const trainer = createTrainer({ ...large, teacher, augmentation: randomCrops });
    const model = await run(net(), [retrain({ ...budget, epochs: 2, augment: 2, distill: 1 })], { ...start, trainer });
    expect(evaluate(model, centreCrops(large.validation, [3, 8, 8])).count).toBe(90);
  });

  test('are refused where they are smaller', async () => {
    const trainer = createTrainer({ train: colours(9, 1, 7), validation });
    await expect(run(net(), [retrain(budget)], { ...start, trainer })).rejects.toThrow('expected at least [3, 8, 8]');
  });
});

test.each([
  [{ epochs: 1, temperature: 0 }, '"temperature" expected > 0, got 0'],
  [{ epochs: 1, keepBest: true, patience: 0 }, '"patience" expected a whole number of at least 1, got 0'],
])('refuses the budget %j', async (wrong, message) => {
  const trainer = createTrainer({ train, validation });
  await expect(run(net(), [retrain(wrong)], { ...start, trainer })).rejects.toThrow(message);
});

test('long steps let others have their turn, and report', async () => {
  const reports: number[] = [];
  // A step of 6 × 3 × 256² numbers: more than a million.
  const pictures = colours(12, 5, 256);
  const layers = sequence(
    [3, 256, 256],
    [
      { kind: 'pool', name: 'pool', mode: 'average', size: 64 },
      { kind: 'dense', name: 'ip', units: 3 },
    ],
    { scale: 1 / 256 },
  );
  await run(initialize(layers, seededRandom(1)), [retrain({ epochs: 1, batchSize: 6 })], {
    ...start,
    trainer: createTrainer({ train: pictures, validation: pictures }),
    onProgress: ({ fraction, loss, accuracy }) =>
      void (accuracy === undefined && loss !== undefined && reports.push(fraction!)),
  });
  expect(reports).toHaveLength(2);
});
