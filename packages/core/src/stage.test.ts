import { describe, expect, test } from 'vitest';
import { MissingPartError } from './errors.ts';
import { type Model, mapWeights } from './model.ts';
import { seededRandom } from './random.ts';
import { biases, kernels } from './select.ts';
import { chain, only, type Progress, repeat, retrain, run, type Stage } from './stage.ts';
import type { Trainer } from './trainer.ts';
import { denseWeight } from './weight.ts';

const model: Model = {
  layers: [
    { kind: 'input', name: 'data', inputs: [], outputShape: [2] },
    { kind: 'dense', name: 'ip', inputs: ['data'], outputShape: [2], units: 2, kernel: 'ip/kernel', bias: 'ip/bias' },
  ],
  weights: [
    denseWeight('ip/kernel', [2, 2], Float32Array.of(1, 2, 3, 4)),
    denseWeight('ip/bias', [2], Float32Array.of(5, 6)),
  ],
  history: [],
};

/** Adds a number to every weight, and a drawn one where asked to. */
const add = (amount: number, chance = 0): Stage => ({
  name: 'add',
  options: { amount },
  run: (before, { random }) =>
    mapWeights(before, ({ weight }) => {
      if (weight.form.kind !== 'dense') throw new Error('bug: this test has only dense weights');
      const { values } = weight.form;
      return denseWeight(
        weight.name,
        weight.shape,
        values.map((value) => value + amount + chance * random.float()),
      );
    }),
});

const numbers = (of: Model): number[] =>
  of.weights.flatMap(({ form }) => (form.kind === 'dense' ? [...form.values] : []));
const start = { random: seededRandom(1) };

describe('run', () => {
  test('folds stages over a model and writes down what they did', async () => {
    const after = await run(model, [add(1), repeat(2, (round) => add(10 * (round + 1)))], start);
    expect(numbers(after)).toEqual([32, 33, 34, 35, 36, 37]);
    expect(after.history).toEqual([
      { stage: 'add', options: { amount: 1 } },
      { stage: 'add', options: { amount: 10 } },
      { stage: 'add', options: { amount: 20 } },
    ]);
    expect(numbers(model)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('goes on from a step as the unbroken run would have', async () => {
    const stages = [add(1, 1), chain(add(2, 1), add(3, 1)), add(4, 1)];
    const saved: Model[] = [];
    const whole = await run(model, stages, { ...start, onStage: (_i, _stage, current) => void saved.push(current) });
    expect(saved).toHaveLength(4);
    for (const from of [1, 2, 3]) expect(await run(saved[from - 1]!, stages, { ...start, from })).toEqual(whole);
  });

  test('takes the end for a step, and refuses what is none', async () => {
    expect(await run(model, [add(1)], { ...start, from: 1 })).toBe(model);
    for (const from of [2, -1, 0.5]) {
      await expect(run(model, [add(1)], { ...start, from })).rejects.toThrow(
        `run: "from" expected a step from 0 to 1, got ${from}`,
      );
    }
  });

  test('refuses to repeat half a time', () => {
    for (const rounds of [-1, 1.5, Number.NaN]) {
      expect(() => repeat(rounds, () => add(1))).toThrow(`repeat: "rounds" expected a whole number ≥ 0, got ${rounds}`);
    }
    expect(repeat(0, () => add(1)).parts).toEqual([]);
  });

  test('reports the beginning and end of each stage', async () => {
    const seen: Progress[] = [];
    await run(model, [add(1)], { ...start, onProgress: (progress) => void seen.push(progress) });
    expect(seen).toEqual([
      { stage: 'add', fraction: 0 },
      { stage: 'add', fraction: 1 },
    ]);
  });

  test('stops between stages when aborted', async () => {
    const abort = new AbortController();
    const stages = [add(1), add(1)];
    const running = run(model, stages, {
      ...start,
      signal: abort.signal,
      onStage: () => abort.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
  });
});

describe('only', () => {
  test('keeps a stage from weights that are not selected', async () => {
    expect(numbers(await run(model, [only(kernels, add(1))], start))).toEqual([2, 3, 4, 5, 5, 6]);
    expect(numbers(await run(model, [only('ip/bias', add(1))], start))).toEqual([1, 2, 3, 4, 6, 7]);
    expect(numbers(await run(model, [only(/bias$/g, chain(add(1), add(1)))], start))).toEqual([1, 2, 3, 4, 7, 8]);
  });

  test('is written down with the options of the stage', async () => {
    const bare: Stage = { name: 'bare', run: (before) => before };
    const odd: Stage = { ...bare, name: 'odd', options: 3 };
    const stages = [
      only(kernels, add(1)),
      only(/bias$/, chain(add(2), bare)),
      only('ip', only(biases, add(3))),
      only((placed) => placed.role === 'kernel', odd),
    ];
    expect((await run(model, stages, start)).history).toEqual([
      { stage: 'add', options: { only: 'kernels', amount: 1 } },
      { stage: 'add', options: { only: '/bias$/', amount: 2 } },
      { stage: 'bare', options: { only: '/bias$/' } },
      { stage: 'add', options: { only: 'ip & biases', amount: 3 } },
      { stage: 'odd', options: { only: 'function', options: 3 } },
    ]);
  });

  test('refuses a selector that takes nothing', async () => {
    await expect(run(model, [only('ip/kernal', add(1))], start)).rejects.toThrow(
      'only: "selector" takes none of the weights: ip/kernel, ip/bias',
    );
  });
});

describe('retrain', () => {
  test('hands model and budget to the trainer', async () => {
    const trainer: Trainer = {
      retrain: async (before, { epochs }, context) => add(epochs).run(before, context) as Model,
      evaluate: async () => ({ error: 0, loss: 0, count: 1 }),
    };
    const after = await run(model, [retrain({ epochs: 7 })], { ...start, trainer });
    expect(numbers(after)[0]).toBe(8);
    expect(after.history).toEqual([{ stage: 'retrain', options: { epochs: 7 } }]);
  });

  test('says what is missing without one', async () => {
    await expect(run(model, [retrain({ epochs: 1 })], start)).rejects.toThrow(MissingPartError);
  });
});
