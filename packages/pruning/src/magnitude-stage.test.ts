import {
  biases,
  kernels,
  type Masked,
  type Model,
  repeat,
  run,
  type Selector,
  type Stage,
  seededRandom,
  weightOf,
} from '@pare/core';
import { describeStage, smallNetwork } from '@pare/testkit';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { densityOf, keptCount } from './density.ts';
import { magnitudePrune } from './magnitude-stage.ts';
import { geometricSchedule } from './schedule.ts';

describeStage('magnitudePrune by share', () => magnitudePrune({ keep: { default: 0.3, byType: { conv2d: 0.6 } } }));
describeStage('magnitudePrune by quality', () => magnitudePrune({ quality: 0.8 }));
describeStage('magnitudePrune by one threshold', () =>
  magnitudePrune({ global: { keep: 0.5, scale: 'rms', minKeep: 0.1 } }),
);

const apply = (stage: Stage, model: Model): Promise<Model> => run(model, [stage], { random: seededRandom(1) });
const form = (model: Model, name: string) => weightOf(model, name).form as Masked;

describe('magnitudePrune', () => {
  test('prunes kernels and leaves biases', async () => {
    const after = await apply(magnitudePrune({ keep: { default: 0.5, byName: { ip1: 0.1 } } }), smallNetwork());
    expect(after.weights.map(({ form }) => form.kind)).toEqual([
      'masked',
      'dense',
      'masked',
      'dense',
      'masked',
      'dense',
    ]);
    expect(densityOf(form(after, 'ip1/kernel'))).toBe(0.1);
    expect(densityOf(form(after, 'conv1/kernel'))).toBe(0.5);
    expect(after.history.at(-1)).toEqual({
      stage: 'magnitudePrune',
      options: { keep: { default: 0.5, byName: { ip1: 0.1 } } },
    });
  });

  test('keeps pruned what is pruned, round after round', async () => {
    const keep = geometricSchedule({ to: 0.1, rounds: 3 });
    const stages = repeat(3, (round) => magnitudePrune({ keep: keep(round) }));
    const after = await apply(stages, smallNetwork());
    expect(form(after, 'ip1/kernel').mask).toEqual(
      form(await apply(magnitudePrune({ keep: 0.1 }), smallNetwork()), 'ip1/kernel').mask,
    );
    const loose = await apply(magnitudePrune({ keep: 1 }), after);
    expect(loose.weights).toEqual(after.weights);
  });

  test('keeps at least `min` of a small weight', async () => {
    const after = await apply(magnitudePrune({ keep: 0.01, min: 3 }), smallNetwork());
    expect(keptCount(form(after, 'ip2/kernel'))).toBe(3);
  });

  test('with one threshold, keeps the share of all selected and the least share of each', async () => {
    const stage = magnitudePrune({ global: { keep: 0.2, minKeep: { byName: { ip2: 0.6 } } }, select: /kernel$/ });
    const after = await apply(stage, smallNetwork());
    const kept = ['conv1/kernel', 'ip1/kernel', 'ip2/kernel'].map((name) => keptCount(form(after, name)));
    expect(kept[0]! + kept[1]! + kept[2]!).toBe(Math.round(0.2 * (54 + 60 + 15)));
    expect(kept[2]).toBeGreaterThanOrEqual(9);
  });

  test('refuses shared weights, unknown names and selectors that take nothing', async () => {
    const prune = (stage: Stage, model = smallNetwork()) => apply(stage, model);
    await expect(prune(magnitudePrune({ keep: 0.5 }), smallNetwork({ kind: 'shared' }))).rejects.toThrow(
      'magnitudePrune: "conv1/kernel" expected a dense or masked weight, got a shared one',
    );
    await expect(prune(magnitudePrune({ keep: { byName: { ip9: 0.5 } } }))).rejects.toThrow('names "ip9"');
    await expect(prune(magnitudePrune({ keep: 0.5, select: 'fc1' }))).rejects.toThrow('"select" takes none');
  });

  test('records which weights it was told to prune', () => {
    const recorded = (select?: Selector) => magnitudePrune({ keep: 0.5, ...(select && { select }) }).options;
    expect(recorded()).toEqual({ keep: 0.5 });
    expect(recorded(kernels)).toEqual({ keep: 0.5 });
    expect(recorded(biases)).toEqual({ keep: 0.5, select: 'biases' });
    expect(recorded('ip1')).toEqual({ keep: 0.5, select: 'ip1' });
    expect(recorded(/kernel$/)).toEqual({ keep: 0.5, select: '/kernel$/' });
    expect(magnitudePrune({ keep: 0.5, select: () => true }).options).toEqual({ keep: 0.5, select: 'function' });
  });

  test('refuses wrong options at once, naming them', () => {
    expect(() => magnitudePrune({ keep: 0 })).toThrow('magnitudePrune: "keep" expected 0 < share ≤ 1, got 0');
    expect(() => magnitudePrune({ keep: { default: 2 } })).toThrow('"keep.default" expected 0 < share ≤ 1, got 2');
    expect(() => magnitudePrune({ keep: { byType: { dense: -1 } } })).toThrow('"keep.byType.dense"');
    expect(() => magnitudePrune({ keep: { byName: { ip1: Number.NaN } } })).toThrow('"keep.byName.ip1"');
    expect(() => magnitudePrune({ keep: '0.5' as never })).toThrow(TypeError);
    expect(() => magnitudePrune({ keep: 1, min: 0.5 })).toThrow('"min" expected a whole number ≥ 0, got 0.5');
    expect(() => magnitudePrune({ quality: -1 })).toThrow('"quality" expected ≥ 0, got -1');
    expect(() => magnitudePrune({ global: { keep: 1.1 } })).toThrow('"global.keep"');
    expect(() => magnitudePrune({ global: { keep: 1, scale: 'max' as never } })).toThrow("'none' or 'rms', got max");
    expect(() => magnitudePrune({} as never)).toThrow('expected one of keep, quality, global, got none');
    expect(() => magnitudePrune({ keep: 1, quality: 1 })).toThrow('got keep and quality');
  });

  test('is a stage, and takes no options that mean nothing', () => {
    expectTypeOf(magnitudePrune).returns.toEqualTypeOf<Stage>();
    // @ts-expect-error a share is asked for
    expect(() => magnitudePrune({ select: 'ip1' })).toThrow();
  });
});
