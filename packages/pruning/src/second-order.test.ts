import { biases, MissingPartError, type Model, run, seededRandom, type Trainer, weightOf } from '@pare/core';
import { denseValues, describeStage, smallNetwork } from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptCount } from './density.ts';
import { codingBits, damageSaliency } from './second-order.ts';
import { fisherPrune } from './second-order-stage.ts';

/** Estimates the Fisher information by a formula instead of examples. */
const trainerWith = (fisher: (name: string, index: number) => number): Trainer => ({
  retrain: async (model) => model,
  evaluate: async () => ({ error: 0, loss: 0, count: 1 }),
  fisher: async (model) =>
    new Map(
      model.weights.map((weight) => [
        weight.name,
        Float32Array.from(denseValues(weight.form), (_, index) => fisher(weight.name, index)),
      ]),
    ),
});

describeStage('fisherPrune', () => fisherPrune({ keep: 0.4, minKeep: 0.1 }), {
  trainer: () => trainerWith((_name, index) => (index % 5) + 0.5),
});

const apply = (model: Model, trainer?: Trainer, keep = 0.25): Promise<Model> =>
  run(model, [fisherPrune({ keep })], { random: seededRandom(1), ...(trainer && { trainer }) });

describe('damageSaliency', () => {
  test('squares to twice the rise of a quadratic loss, for any weights and curvatures', () => {
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number.map(Math.abs)), { maxLength: 50 }), (pairs) => {
        const values = Float32Array.from(pairs, ([w]) => w);
        const curvature = Float32Array.from(pairs, ([, h]) => h);
        damageSaliency(values, curvature).forEach((s, i) => {
          const rise = 0.5 * curvature[i]! * values[i]! ** 2; // L(w) = ½ h w² from w to 0
          expect(Math.abs(0.5 * s * s - rise)).toBeLessThanOrEqual(1e-6 * rise + 1e-30); // two roundings to float32
        });
      }),
      { seed: 1 },
    );
  });

  test.each([
    [[1], [-1], '"curvature" expected numbers ≥ 0, got -1 at index 0'],
    [[1], [1, 2], '"curvature" expected 1 numbers, got 2'],
    [[Number.NaN], [1], 'got NaN at index 0'],
  ])('refuses weights %j with curvature %j', (values, curvature, message) => {
    expect(() => damageSaliency(Float32Array.from(values), Float32Array.from(curvature))).toThrow(message);
  });
});

describe('fisherPrune', () => {
  test('prunes the layer that nobody listens to, however large its weights', async () => {
    const deaf = trainerWith((name) => (name === 'ip1/kernel' ? 1e-12 : 1));
    const after = await apply(smallNetwork(), deaf);
    expect(keptCount(weightOf(after, 'ip1/kernel').form)).toBeLessThan(
      keptCount(weightOf(after, 'ip2/kernel').form) / 10 + 2,
    );
  });

  test('keeps pruned what is pruned', async () => {
    const trainer = trainerWith(() => 1);
    const once = await apply(smallNetwork(), trainer, 0.5);
    const twice = await apply(once, trainer, 0.25);
    for (const [i, { form }] of twice.weights.entries()) {
      const before = once.weights[i]!.form;
      if (form.kind !== 'masked' || before.kind !== 'masked') continue;
      expect(form.mask.every((bit, j) => bit <= before.mask[j]!)).toBe(true);
    }
  });

  test('asks for a trainer that can estimate', async () => {
    await expect(apply(smallNetwork())).rejects.toThrow(MissingPartError);
    const { fisher: _fisher, ...without } = trainerWith(() => 1);
    await expect(apply(smallNetwork(), without)).rejects.toThrow('fisherPrune needs a trainer that estimates');
  });

  test('records its selector', () => {
    expect(fisherPrune({ keep: 0.5, select: biases }).options).toEqual({ keep: 0.5, select: 'biases' });
  });

  test('refuses a share outside 0 … 1 at once', () => {
    expect(() => fisherPrune({ keep: 0 })).toThrow('fisherPrune: "keep" expected 0 < share ≤ 1, got 0');
  });
});

describe('codingBits', () => {
  test('makes what stands alone dearer than what stands in company', () => {
    const mask = new Uint8Array(20 * 50);
    mask.fill(1, 0, 25); // half of the first row
    mask[10 * 50 + 30] = 1; // and one elsewhere
    const bits = codingBits(mask, 20, 50, 4);
    expect(bits[0]!).toBeLessThan(6);
    expect(bits[10 * 50 + 30]!).toBeGreaterThan(8);
  });

  test('stays finite for masks of all ones and of none', () => {
    for (const fill of [0, 1]) {
      const bits = codingBits(new Uint8Array(12).fill(fill), 3, 4, 2);
      expect(bits.every((each) => Number.isFinite(each) && each >= 3)).toBe(true); // a half is the most that counts
    }
    expect(codingBits(new Uint8Array(0), 0, 0, 2)).toHaveLength(0);
  });

  test('refuses a mask of another size', () => {
    expect(() => codingBits(new Uint8Array(5), 2, 3, 4)).toThrow('"mask" expected 2 × 3 numbers, got 5');
  });
});

describeStage('fisherPrune by bits', () => fisherPrune({ keep: 0.3, byBits: true }), {
  trainer: () => trainerWith((_name, index) => (index % 7) + 0.5),
});
