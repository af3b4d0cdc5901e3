import { initialize, sequence } from '@pare/architectures';
import {
  chain,
  elementCount,
  type Model,
  type Parametrization,
  type Progress,
  retrain,
  run,
  type Shared,
  seededRandom,
} from '@pare/core';
import { keptCount, magnitudePrune } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from './backend.ts';
import { evaluate } from './evaluate.ts';
import type { Examples } from './examples.ts';
import { createTrainer, type TrainState, type TrainStore } from './trainer.ts';

beforeAll(startWasm);

/** A task a small net learns in seconds: which quarter of an 8 × 8 picture is bright. */
function quarters(count: number, seed: number): Examples {
  const random = seededRandom(seed);
  const pixels = new Uint8Array(count * 64);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const label = random.integer(4);
    labels[n] = label;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        const bright = (y >> 2) * 2 + (x >> 2) === label;
        pixels[n * 64 + y * 8 + x] = random.integer(128) + (bright ? 100 : 0);
      }
    }
  }
  return { pixels, labels, count, shape: [1, 8, 8] };
}

const train = quarters(256, 1);
const validation = quarters(100, 2);
const net = (): Model =>
  initialize(
    sequence(
      [1, 8, 8],
      [
        { kind: 'conv2d', name: 'conv', filters: 4, kernelSize: 3 },
        { kind: 'pool', name: 'pool', size: 2 },
        { kind: 'relu', name: 'relu' },
        { kind: 'flatten', name: 'flatten' },
        { kind: 'dense', name: 'ip', units: 4 },
      ],
      { scale: 1 / 256 },
    ),
    seededRandom(3),
  );
const budget = { epochs: 3, batchSize: 32, learningRate: 0.01 } as const;
const start = { random: seededRandom(4) };

describe('createTrainer', () => {
  test('learns, reports each epoch, and leaves no tensors behind', async () => {
    const trainer = createTrainer({ train, validation });
    const before = tf.memory().numTensors;
    const seen: Progress[] = [];
    const model = await run(net(), [retrain({ ...budget, epochs: 6 })], {
      ...start,
      trainer,
      onProgress: (progress) => void (progress.accuracy !== undefined && seen.push(progress)),
    });
    expect(seen.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seen.at(-1)!.loss).toBeLessThan(seen[0]!.loss!);
    expect((await trainer.evaluate(model)).error).toBeLessThan(0.1); // by chance: 0.75
    expect(tf.memory().numTensors).toBe(before);
  });

  test('repeats itself under the same seed', async () => {
    const once = async (): Promise<Model> =>
      run(net(), [retrain({ ...budget, epochs: 1, augment: true })], {
        ...start,
        trainer: createTrainer({ train, validation }),
      });
    expect((await once()).weights).toEqual((await once()).weights);
  });

  test.each(['adam', 'momentum'] as const)('keeps masks and codebooks under %s', async (optimizer) => {
    const trainer = createTrainer({ train, validation });
    const training = { ...budget, epochs: 1, optimizer, weightDecay: 1e-3 };
    const pruned = await run(net(), [magnitudePrune({ keep: 0.5 }), retrain(training)], { ...start, trainer });
    const shared = await run(pruned, [shareWeights({ bits: 2 }), retrain(training)], { ...start, trainer });
    expect(pruned.weights.map(({ form }) => form.kind)).toEqual(['masked', 'dense', 'masked', 'dense']);
    for (const [i, weight] of pruned.weights.entries()) {
      const { form } = weight;
      if (form.kind !== 'masked') continue;
      expect(keptCount(form)).toBe(Math.round(form.mask.length / 2));
      expect(form.values.every((value, j) => form.mask[j] === 1 || value === 0)).toBe(true);
      const after = shared.weights[i]!.form;
      if (after.kind !== 'shared') throw new Error('a shared weight must stay shared');
      expect(after.mask).toEqual(form.mask);
      expect(after.codebook.length).toBeLessThanOrEqual(4);
    }
  });

  test('moves the values that a codebook shares', async () => {
    const trainer = createTrainer({ train, validation });
    const before = await run(net(), [shareWeights({ bits: 2 })], start);
    const after = await run(before, [retrain({ ...budget, epochs: 4 })], { ...start, trainer });
    expect((await trainer.evaluate(after)).loss).toBeLessThan((await trainer.evaluate(before)).loss);
  });

  test('follows a teacher, and asks for one', async () => {
    const teacher = await run(net(), [retrain({ ...budget, epochs: 6 })], {
      ...start,
      trainer: createTrainer({ train, validation }),
    });
    const following = retrain({ ...budget, epochs: 8, distill: 1 });
    const student = await run(net(), [following], { ...start, trainer: createTrainer({ train, validation, teacher }) });
    expect(evaluate(student, validation).error).toBeLessThan(0.25);
    await expect(run(net(), [following], { ...start, trainer: createTrainer({ train, validation }) })).rejects.toThrow(
      '"distill" needs a teacher',
    );
  });

  test('goes on from the epoch a store holds, to the very same weights', async () => {
    const stages = [retrain({ ...budget, augment: true })];
    let held: TrainState | undefined;
    const store: TrainStore = { read: () => held, write: (state) => void (held = state) };
    const whole = await run(net(), stages, { ...start, trainer: createTrainer({ train, validation }) });
    const abort = new AbortController();
    const broken = run(net(), stages, {
      ...start,
      trainer: createTrainer({ train, validation, store }),
      signal: abort.signal,
      onProgress: ({ epoch, accuracy }) =>
        void (epoch === 2 && accuracy !== undefined && abort.abort(new Error('Ctrl-C'))),
    });
    await expect(broken).rejects.toThrow('Ctrl-C');
    expect(held!.epoch).toBe(2);
    const resumed = await run(net(), stages, { ...start, trainer: createTrainer({ train, validation, store }) });
    expect(resumed.weights).toEqual(whole.weights);
    // What is held belongs to that training: another takes no notice.
    const other = [retrain({ ...budget, augment: true, learningRate: 0.02 })];
    const alone = await run(net(), other, { ...start, trainer: createTrainer({ train, validation }) });
    const beside = await run(net(), other, { ...start, trainer: createTrainer({ train, validation, store }) });
    expect(beside.weights).toEqual(alone.weights);
  });

  test('trains a form of a plugin, with checkpoints, and keeps its promise', async () => {
    // One size for all numbers, a sign for each. Not of core's kinds: a plugin would declare it.
    interface Signs {
      readonly kind: 'signs';
      readonly scale: number;
      readonly signs: Int8Array;
    }
    const along = (signs: Int8Array, values: Float32Array): number =>
      signs.reduce((sum, sign, i) => sum + sign * values[i]!, 0);
    const parametrization = {
      kind: 'signs',
      toDense({ scale, signs }: Signs, out = new Float32Array(signs.length)) {
        out.set(Float32Array.from(signs, (sign) => sign * scale));
        return out;
      },
      constrainGradient({ signs }: Signs, gradient: Float32Array) {
        const sum = along(signs, gradient);
        for (let i = 0; i < signs.length; i++) gradient[i] = signs[i]! * sum;
      },
      absorb: (form: Signs, values: Float32Array): Signs => ({
        ...form,
        scale: along(form.signs, values) / values.length,
      }),
    } as unknown as Parametrization;
    const model = net();
    const kernel = model.weights.find(({ name }) => name === 'ip/kernel')!;
    const values = (kernel.form as { values: Float32Array }).values;
    const form = { kind: 'signs', scale: 0.1, signs: Int8Array.from(values, (value) => (value < 0 ? -1 : 1)) };
    const weights = model.weights.map((weight) =>
      weight === kernel ? { ...weight, form: form as unknown as typeof weight.form } : weight,
    );
    let held: TrainState | undefined;
    const store: TrainStore = { read: () => held, write: (state) => void (held = state) };
    const trainer = createTrainer({ train, validation, store, parametrizations: [parametrization] });
    const trained = await run({ ...model, weights }, [retrain(budget)], { ...start, trainer });
    const after = trained.weights.find(({ name }) => name === 'ip/kernel')!.form as unknown as Signs;
    expect(after.signs).toEqual(form.signs);
    expect(after.scale).not.toBe(form.scale);
    expect(held).toBeDefined();
  });

  test('drops inputs of a layer, fewer once it is pruned', async () => {
    const trainer = createTrainer({ train, validation });
    const dropping = retrain({ ...budget, epochs: 6, dropout: { ip: 0.5 } });
    const model = await run(net(), [chain(dropping, magnitudePrune({ keep: 0.5 }), dropping)], { ...start, trainer });
    expect((await trainer.evaluate(model)).error).toBeLessThan(0.3);
    await expect(run(net(), [retrain({ ...budget, dropout: { relu: 0.5 } })], { ...start, trainer })).rejects.toThrow(
      '"dropout" names "relu", which is no convolution or dense layer of the model',
    );
  });

  test.each([
    [{ epochs: 1.5 }, '"epochs" expected a whole number of at least 0, got 1.5'],
    [{ epochs: 1, learningRate: 0 }, '"learningRate" expected > 0, got 0'],
    [{ epochs: 1, weightDecay: -1 }, '"weightDecay" expected ≥ 0, got -1'],
    [{ epochs: 1, dropout: { ip: 1 } }, '"dropout.ip" expected 0 ≤ rate < 1, got 1'],
    [{ epochs: 1, optimizer: 'sgd' as 'adam' }, '"optimizer" expected one of adam, momentum, got "sgd"'],
  ])('refuses the budget %j', async (wrong, message) => {
    const trainer = createTrainer({ train, validation });
    await expect(run(net(), [retrain(wrong)], { ...start, trainer })).rejects.toThrow(message);
  });

  test('gives a penalty on shared weights to the values they share, members and all', async () => {
    // No data gradient reaches a kernel whose inputs are dark: only the penalty moves it.
    const dark: Examples = { ...train, pixels: new Uint8Array(train.pixels.length) };
    const trainer = createTrainer({ train: dark, validation });
    const before = await run(net(), [shareWeights({ count: 1, weights: 'conv/kernel' })], start);
    const step = {
      ...budget,
      epochs: 1,
      batchSize: 256,
      optimizer: 'momentum',
      learningRate: 0.1,
      weightDecay: 0.01,
    } as const;
    const after = await run(before, [retrain(step)], { ...start, trainer });
    const shared = (model: Model): number => (model.weights[0]!.form as Shared).codebook[0]!;
    // 36 members of one value c: the gradient of ½·λ·36·c² is 36·λ·c.
    expect(shared(after) / shared(before)).toBeCloseTo(1 - 0.1 * 36 * 0.01, 5);
  });

  test('refuses examples of classes that the model does not tell apart', async () => {
    const labels = train.labels!.slice();
    labels[7] = 4;
    const trainer = createTrainer({ train: { ...train, labels }, validation });
    await expect(run(net(), [retrain(budget)], { ...start, trainer })).rejects.toThrow(
      'retrain: train: "labels" expected values < 4, the model\'s classes, got 4 at index 7',
    );
  });

  test('refuses to judge answers that are no numbers', () => {
    const model = net();
    const broken = {
      ...model,
      weights: model.weights.map((w) => ({
        ...w,
        form: { kind: 'dense' as const, values: new Float32Array(elementCount(w.shape)).fill(Number.NaN) },
      })),
    };
    expect(() => evaluate(broken, validation)).toThrow('answers to example 0 are not finite');
  });

  test('says so when training runs away, and when examples are not what they claim', async () => {
    const trainer = createTrainer({ train, validation });
    const wild = retrain({ ...budget, optimizer: 'momentum', learningRate: 1e30 });
    await expect(run(net(), [wild], { ...start, trainer })).rejects.toThrow('lower "learningRate"');
    expect(() => createTrainer({ train: { ...train, count: 3 }, validation })).toThrow(
      'createTrainer: train: "pixels" expected 3 × 64 values, got 16384',
    );
  });
});
