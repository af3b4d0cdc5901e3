import {
  biases,
  chain,
  denseWeight,
  elementCount,
  kernels,
  type Model,
  only,
  run,
  type Shared,
  type Stage,
  seededRandom,
  type Trainer,
  weightOf,
} from '@pare/core';
import { describeStage, smallNetwork, withForm, withValues } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { sharedParametrization } from './shared.ts';
import { entropyShare, shareWeights } from './stage.ts';

const random = seededRandom(1);
const kindOf = (model: Model, name: string) => weightOf(model, name).form.kind;
const codebookOf = (model: Model, name: string) => (weightOf(model, name).form as Shared).codebook;

describeStage('shareWeights', () => shareWeights({ bits: 2 }), { kinds: ['dense', 'masked', 'shared'] });
describeStage('shareWeights, random', () => shareWeights({ bits: 3, init: 'random' }), {
  kinds: ['dense', 'masked', 'shared'],
});
describeStage('shareWeights, optimal', () => shareWeights({ bits: 2, method: 'optimal' }));
describeStage('shareWeights, zero', () => shareWeights({ bits: 2, zero: true }), {
  kinds: ['dense', 'masked', 'shared'],
});
describeStage('entropyShare', () => entropyShare({ lambda: 0.01 }), { kinds: ['dense', 'masked', 'shared'] });
describeStage('entropyShare, zero', () => entropyShare({ lambda: 0.01, zero: true }), {
  kinds: ['dense', 'masked', 'shared'],
});

test('shares kernels and leaves biases alone', async () => {
  const model = smallNetwork();
  const after = await run(model, [shareWeights({ bits: 2 })], { random });
  for (const { name } of model.weights) {
    if (name.endsWith('/bias')) expect(weightOf(after, name)).toBe(weightOf(model, name));
    else expect(codebookOf(after, name).length).toBe(4);
  }
});

test('bits by type of layer and by name; weights it says nothing about stay', async () => {
  const model = smallNetwork();
  const after = await run(model, [shareWeights({ bits: { byType: { conv2d: 3 } } })], { random });
  expect(codebookOf(after, 'conv1/kernel').length).toBe(8);
  expect(weightOf(after, 'ip1/kernel')).toBe(weightOf(model, 'ip1/kernel'));
  const named = await run(model, [shareWeights({ bits: { default: 1, byName: { ip1: 2 } } })], { random });
  expect([codebookOf(named, 'conv1/kernel').length, codebookOf(named, 'ip1/kernel').length]).toEqual([2, 4]);
});

test('takes other weights if told so', async () => {
  const after = await run(smallNetwork(), [shareWeights({ bits: 1, weights: 'ip1/bias' })], { random });
  expect([kindOf(after, 'ip1/bias'), kindOf(after, 'ip1/kernel')]).toEqual(['shared', 'dense']);
});

test('works through `only`', async () => {
  const after = await run(smallNetwork(), [only('ip1', chain(shareWeights({ bits: 1 })))], { random });
  expect([kindOf(after, 'ip1/kernel'), kindOf(after, 'conv1/kernel')]).toEqual(['shared', 'dense']);
});

test('shares shared weights anew, from the numbers they stand for', async () => {
  const [fine, coarse] = [shareWeights({ bits: 4 }), shareWeights({ bits: 1 })];
  const first = await run(smallNetwork(), [fine], { random });
  const { form } = weightOf(first, 'ip1/kernel');
  const direct = withForm(first, 'ip1/kernel', () => ({
    kind: 'dense',
    values: sharedParametrization.toDense(form as Shared),
  }));
  const [again, expected] = [await run(first, [coarse], { random }), await run(direct, [coarse], { random })];
  expect(weightOf(again, 'ip1/kernel').form).toEqual(weightOf(expected, 'ip1/kernel').form);
  const same = await run(first, [fine], { random });
  expect(weightOf(same, 'ip1/kernel')).toBe(weightOf(first, 'ip1/kernel'));
});

test('a random start depends on seed and name, not on other layers', async () => {
  const model = smallNetwork();
  const stage = shareWeights({ bits: 3, init: 'random', iterations: 1 });
  const [all, one] = [await run(model, [stage], { random }), await run(model, [only('ip1/kernel', stage)], { random })];
  expect(weightOf(one, 'ip1/kernel').form).toEqual(weightOf(all, 'ip1/kernel').form);
  const other = await run(model, [stage], { random: seededRandom(2) });
  expect(weightOf(other, 'ip1/kernel').form).not.toEqual(weightOf(all, 'ip1/kernel').form);
});

test('records what it was told, as plain data', async () => {
  const { history } = await run(smallNetwork(), [shareWeights({ bits: 2, init: 'density', weights: kernels })], {
    random,
  });
  expect(JSON.parse(JSON.stringify(history.at(-1)))).toEqual({
    stage: 'shareWeights',
    options: { bits: 2, init: 'density' },
  });
  expect(shareWeights({ count: 3, byFisher: true, weights: biases }).options).toEqual({
    count: 3,
    byFisher: true,
    weights: 'biases',
  });
  expect(entropyShare({ lambda: 1, weights: /^ip/ }).options).toEqual({ lambda: 1, weights: '/^ip/' });
  expect(entropyShare({ lambda: 1, weights: () => true }).options).toEqual({ lambda: 1, weights: 'function' });
});

test('heeds an abort', async () => {
  const signal = AbortSignal.abort();
  await expect(run(smallNetwork(), [shareWeights({ bits: 2 })], { random, signal })).rejects.toThrow();
});

describe('errors', () => {
  test.each([
    [() => shareWeights({ bits: 0 }), 'shareWeights: "bits" expected a whole number 1 … 16, got 0'],
    [
      () => shareWeights({ bits: { default: 4, byName: { ip1: 17 } } }),
      'shareWeights: "bits" expected a whole number 1 … 16, got 17',
    ],
    [
      () => shareWeights({ bits: { byType: { dense: 2.5 } } }),
      'shareWeights: "bits" expected a whole number 1 … 16, got 2.5',
    ],
    [
      () => shareWeights({ bits: 4, init: 'forgy' as 'random' }),
      `shareWeights: "init" expected 'linear' or 'density' or 'random', got 'forgy'`,
    ],
    [
      () => shareWeights({ bits: 4, method: 'optimal', zero: true }),
      `shareWeights: "zero" expected false with method 'optimal', got true`,
    ],
    [() => shareWeights({ bits: 4, iterations: Number.NaN }), 'shareWeights: "iterations" expected a whole number'],
    [() => entropyShare({ lambda: -1 }), 'entropyShare: "lambda" expected a finite number ≥ 0, got -1'],
    [
      () => entropyShare({ lambda: { byName: { ip1: Number.NaN } } }),
      'entropyShare: "lambda" expected a finite number ≥ 0, got NaN',
    ],
    [() => entropyShare({ lambda: 1, count: 0 }), 'entropyShare: "count" expected a whole number 1 … 65535, got 0'],
  ])('at construction: %#', (make, message) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(message);
  });

  test.each([
    [
      shareWeights({ bits: { default: 2, byName: { ip9: 3 } } }),
      'shareWeights: "bits.byName" names "ip9", which is no weight or layer; weights: conv1/kernel',
    ],
    [shareWeights({ count: { byName: { ip9: 3 } } }), 'shareWeights: "count.byName" names "ip9"'],
    [entropyShare({ lambda: { byName: { ip9: 0.1 } } }), 'entropyShare: "lambda.byName" names "ip9"'],
    [shareWeights({ bits: 2, weights: 'ip9' }), 'shareWeights: "weights" takes none of the weights: conv1/kernel'],
    [entropyShare({ lambda: 1, weights: /^fc/ }), 'entropyShare: "weights" takes none of the weights: conv1/kernel'],
  ])('what names nothing in the model: %#', async (stage, message) => {
    await expect(run(smallNetwork(), [stage], { random })).rejects.toThrow(RangeError);
    await expect(run(smallNetwork(), [stage], { random })).rejects.toThrow(message);
  });

  test('a NaN is named with its weight and index', async () => {
    const model = withValues(smallNetwork(), 'ip1/kernel', (i) => (i === 3 ? Number.NaN : i));
    const message =
      'shareWeights: weight "ip1/kernel": shareValues: "values" expected finite numbers, got NaN at index 3';
    await expect(run(model, [shareWeights({ bits: 2 })], { random })).rejects.toThrow(message);
  });
});

describe('shareWeights by count and Fisher information', () => {
  const trainer: Trainer = {
    retrain: async (model) => model,
    evaluate: async () => ({ error: 0, loss: 0, count: 1 }),
    fisher: async (model) =>
      new Map(
        model.weights.map((weight) => [
          weight.name,
          Float32Array.of(1e6, 1, 1, 1).slice(0, elementCount(weight.shape)),
        ]),
      ),
  };
  const model: Model = {
    layers: [
      { kind: 'input', name: 'data', inputs: [], outputShape: [4] },
      { kind: 'dense', name: 'ip', inputs: ['data'], outputShape: [1], units: 1, kernel: 'ip/kernel' },
    ],
    weights: [denseWeight('ip/kernel', [1, 4], Float32Array.of(1, 2, 3, 4))],
    history: [],
  };
  const codebook = async (stage: Stage, withTrainer = true): Promise<number[]> => {
    const after = await run(model, [stage], { random: seededRandom(1), ...(withTrainer && { trainer }) });
    return [...(after.weights[0]!.form as Shared).codebook];
  };

  test('takes a number of entries that is no power of two', async () => {
    expect(await codebook(shareWeights({ count: 3 }))).toHaveLength(3);
    expect(() => shareWeights({ count: 0 })).toThrow('"count"');
  });

  test('represents what matters more exactly', async () => {
    expect(await codebook(shareWeights({ count: 1 }))).toEqual([2.5]);
    const [only] = await codebook(shareWeights({ count: 1, byFisher: true }));
    expect(only).toBeCloseTo(1, 4); // the mean under weights 10⁶, 1, 1, 1
  });

  test('asks for a trainer that can estimate', async () => {
    await expect(codebook(shareWeights({ count: 1, byFisher: true }), false)).rejects.toThrow(
      'shareWeights by Fisher information needs a trainer',
    );
  });
});
