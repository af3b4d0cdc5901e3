import { type HardwareModel, type Model, run, seededRandom, type Trainer } from '@pare/core';
import { eie, eyeriss, modelWorkloads, networkCost } from '@pare/hardware';
import { describeStage, restlessTrainer, smallNetwork } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { identityCalibration } from '../test/identity-calibration.ts';
import { type EnergyAwareOptions, energyAwarePrune, type RoundReport } from './energy-aware.ts';
import { netAdapt } from './net-adapt.ts';

const squares = (model: Model): number =>
  model.weights.reduce(
    (sum, { form }) => sum + ('values' in form ? form.values.reduce((all, x) => all + x * x, 0) : 0),
    0,
  );

/** Judges a network by how much of the first one's squares it has lost, and trains nothing. */
function judging(first: Model): Trainer & { asked: number } {
  const trainer = {
    asked: 0,
    retrain: async (model: Model) => model,
    async evaluate(model: Model) {
      trainer.asked++;
      return { error: Math.max(0, 1 - squares(model) / squares(first)), loss: 0, count: 100 };
    },
  };
  return trainer;
}

const model = smallNetwork({ seed: 3, hidden: 20, filters: 8 });
const settings = (rest: Partial<EnergyAwareOptions> = {}): EnergyAwareOptions => ({
  hardware: eyeriss(),
  calibration: identityCalibration,
  fineTune: { epochs: 1 },
  maxRise: 0.1,
  roundRise: 0.05,
  ...rest,
});
const costOf = (hardware: HardwareModel, network: Model, what: 'energyPj' | 'latencyUs' = 'energyPj') =>
  networkCost(hardware, modelWorkloads(network))[what];
const prune = async (options: EnergyAwareOptions) =>
  run(model, [energyAwarePrune(options)], { random: seededRandom(1), trainer: judging(model) });

describe('energyAwarePrune', () => {
  test('takes energy off until the error would rise too far', async () => {
    const rounds: RoundReport[] = [];
    const pruned = await prune(settings({ onRound: (round) => rounds.push(round) }));
    expect(costOf(eyeriss(), pruned)).toBeLessThan(0.95 * costOf(eyeriss(), model));
    expect((await judging(model).evaluate(pruned)).error).toBeLessThanOrEqual(0.1);
    const accepted = rounds.filter((round) => round.accepted);
    expect(accepted.at(-1)!.model.weights).toEqual(pruned.weights);
    const shares = accepted.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    for (const { weights } of accepted.map((round) => round.model)) {
      for (const { form } of weights)
        if (form.kind === 'masked') form.values.forEach((x, i) => void (form.mask[i] || expect(x).toBe(0)));
    }
  });

  test('stops at the target', async () => {
    const rounds: RoundReport[] = [];
    await prune(settings({ target: 0.97, onRound: (round) => rounds.push(round) }));
    expect(rounds).toHaveLength(1);
  });

  test('prunes the dearest layer first, whatever is to get less', async () => {
    const asked: string[] = [];
    const watched: typeof identityCalibration = {
      statistics: (network, options) => {
        asked.push(options!.kernels![0]!);
        return identityCalibration.statistics(network, options);
      },
    };
    await prune(settings({ calibration: watched, rounds: 1 }));
    const costs = networkCost(eyeriss(), modelWorkloads(model)).layers;
    const dearest = [...costs].sort((a, b) => b.cost.energyPj - a.cost.energyPj).map(({ name }) => `${name}/kernel`);
    expect(asked).toEqual(dearest);
    const faster = await prune(settings({ hardware: eie({ peCount: 2 }), what: 'latencyUs' }));
    expect(costOf(eie({ peCount: 2 }), faster, 'latencyUs')).toBeLessThan(
      costOf(eie({ peCount: 2 }), model, 'latencyUs'),
    );
  });

  test('asks for activations once before each round', async () => {
    let asked = 0;
    const densitiesOf = async () => {
      asked++;
      return { ip1: { inputs: 0.1 } };
    };
    await prune(settings({ densitiesOf, rounds: 1 }));
    expect(asked).toBe(3); // of the start, of the round, of its end
  });

  // On EIE all weights are on the chip: shares of nothing were NaN, and rounds were trained for it.
  test('of what the hardware has no cost of, nothing can be saved, and it says so', async () => {
    const asked = settings({ hardware: eie(), what: 'dramBytes' });
    await expect(prune(asked)).rejects.toThrow(/"what" expected a cost of the network on "eie", got "dramBytes"/);
  });

  test('a network without weights left stays as it is', async () => {
    const weights = model.weights.map((weight) => ({
      ...weight,
      form: { kind: 'dense', values: new Float32Array('values' in weight.form ? weight.form.values.length : 0) },
    })) as Model['weights'];
    const empty = { ...model, weights };
    const options = { random: seededRandom(1), trainer: judging(model) };
    expect(await run(empty, [energyAwarePrune(settings())], options)).toMatchObject({ weights });
  });

  test('without a trainer says what is missing', async () => {
    await expect(run(model, [energyAwarePrune(settings())], { random: seededRandom(1) })).rejects.toThrow(
      /needs a trainer/,
    );
  });

  test.each([
    [{ maxRise: Number.NaN }, /energyAwarePrune: "maxRise" expected 0 … 1, got NaN/],
    [{ least: -1 }, /"least" expected 0 … 1, got -1/],
    [{ target: 2 }, /"target" expected 0 … 1, got 2/],
    [{ tries: 0 }, /"tries" expected a whole number ≥ 1, got 0/],
  ])('is not made with %o', (wrong, message) => {
    expect(() => energyAwarePrune(settings(wrong))).toThrow(message);
  });

  test('its options are what it did, as plain data', () => {
    expect(energyAwarePrune(settings()).options).toMatchObject({ hardware: 'eyeriss', what: 'energyPj', maxRise: 0.1 });
  });
});

describe('netAdapt', () => {
  const options = { hardware: eyeriss(), target: 0.8, step: 0.1, shortTune: { epochs: 1 }, longTune: { epochs: 1 } };

  test('comes down to the budget by masking whole filters, keeping the best of the proposals', async () => {
    const trainer = judging(model);
    const adapted = await run(model, [netAdapt(options)], { random: seededRandom(1), trainer });
    expect(costOf(eyeriss(), adapted)).toBeLessThanOrEqual(0.8 * costOf(eyeriss(), model));
    const touched = adapted.weights.filter(({ form }) => form.kind === 'masked');
    expect(touched.length).toBeGreaterThan(0);
    for (const { form, shape } of touched) {
      if (form.kind !== 'masked') continue;
      const length = form.mask.length / shape[0]!;
      for (let row = 0; row < shape[0]!; row++)
        expect(new Set(form.mask.subarray(row * length, (row + 1) * length)).size).toBe(1);
    }
    expect(trainer.asked % 3).toBe(0); // three layers propose in each step
  });

  test('is not made with shares and counts that are none', () => {
    expect(() => netAdapt({ ...options, target: 1.5 })).toThrow(/netAdapt: "target" expected 0 … 1, got 1.5/);
    expect(() => netAdapt({ ...options, steps: 0.5 })).toThrow(/"steps" expected a whole number ≥ 1, got 0.5/);
  });

  test('a budget that no layer reaches leaves the network as it is', async () => {
    const trainer = judging(model);
    const adapted = await run(model, [netAdapt({ ...options, step: 0.999, target: 0 })], {
      random: seededRandom(1),
      trainer,
    });
    expect(adapted.weights).toEqual(model.weights);
  });
});

const quick = { rounds: 2, tries: 2 } as const;
describeStage('energyAwarePrune', () => energyAwarePrune(settings(quick)), { trainer: restlessTrainer, runs: 5 });
describeStage(
  'netAdapt',
  () => netAdapt({ hardware: eyeriss(), target: 0.9, shortTune: { epochs: 1 }, longTune: { epochs: 1 }, steps: 2 }),
  {
    trainer: restlessTrainer,
    runs: 5,
  },
);
