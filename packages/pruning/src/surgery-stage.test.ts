import { type Masked, type Model, mapWeights, run, seededRandom, type Trainer, weightOf } from '@pare/core';
import { describeStage, restlessTrainer, smallNetwork } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { densityOf } from './density.ts';
import { dynamicSurgery } from './surgery-stage.ts';

const budget = { epochs: 1 };

describeStage('dynamicSurgery', () => dynamicSurgery({ keep: 0.4, rounds: 2, budget }), {
  trainer: () => restlessTrainer(0.3),
  runs: 5,
});

describe('dynamicSurgery', () => {
  const random = seededRandom(1);
  const ip1 = (model: Model) => weightOf(model, 'ip1/kernel').form as Masked;

  test('lets a pruned connection come back when it grows', async () => {
    const model = smallNetwork();
    const before = ip1(
      await run(model, [dynamicSurgery({ keep: 0.1, rounds: 1, budget })], { random, trainer: restlessTrainer(0) }),
    );
    const weakest = before.mask.indexOf(0);
    const growing: Trainer = {
      ...restlessTrainer(),
      retrain: async (given) =>
        mapWeights(given, ({ weight }) => {
          if (weight.name !== 'ip1/kernel' || weight.form.kind !== 'dense') return weight;
          const values = weight.form.values.slice();
          expect(values[weakest]).toBe(0); // it starts from zero
          values[weakest] = 10;
          return { ...weight, form: { kind: 'dense', values } };
        }),
    };
    const after = ip1(
      await run(model, [dynamicSurgery({ keep: 0.1, rounds: 1, budget })], { random, trainer: growing }),
    );
    expect([before.mask[weakest], after.mask[weakest], after.values[weakest]]).toEqual([0, 1, 10]);
  });

  test('ends at exactly the share it was given, each weight its own', async () => {
    const keep = { default: 0.5, byName: { ip1: 0.2 } };
    const after = await run(smallNetwork(), [dynamicSurgery({ keep, rounds: 3, budget })], {
      random,
      trainer: restlessTrainer(1),
    });
    expect(densityOf(ip1(after))).toBe(0.2);
    expect(densityOf(weightOf(after, 'conv1/kernel').form as Masked)).toBe(0.5);
    expect(weightOf(after, 'conv1/bias').form.kind).toBe('dense');
  });

  test('asks for a trainer', async () =>
    expect(run(smallNetwork(), [dynamicSurgery({ keep: 0.5, rounds: 1, budget })], { random })).rejects.toThrow(
      'trainer',
    ));

  test('records its selector', () => {
    const options = { keep: 0.5, rounds: 1, budget };
    expect(dynamicSurgery({ ...options, select: 'ip1' }).options).toEqual({ ...options, select: 'ip1' });
  });

  test('refuses wrong options at once', () => {
    expect(() => dynamicSurgery({ keep: 0, rounds: 1, budget })).toThrow('"keep" expected 0 < share ≤ 1, got 0');
    expect(() => dynamicSurgery({ keep: 1, rounds: 0, budget })).toThrow('"rounds" expected a whole number ≥ 1, got 0');
    expect(() => dynamicSurgery({ keep: 1, rounds: 1, budget, margin: 1 })).toThrow('"margin" expected 0 ≤ margin < 1');
  });
});
