import { type Calibration, type Drift, type LayerStatistics, type Model, seededRandom, weightOf } from '@pare/core';
import { decodeModel } from '@pare/format';
import { magnitudeMask } from '@pare/pruning';
import { denseValues, referenceForward } from '@pare/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { calibratedKernels, priceList } from './calibrated.ts';
import { compressModel } from './compress.ts';
import { planWeights } from './plan.ts';
import type { CompressSettings } from './settings.ts';

// A network of two dense layers whose inputs are strongly correlated, as those of real ones are.
const [INPUTS, HIDDEN, CLASSES] = [40, 32, 8];
const random = seededRandom(3);
const normal = (count: number, scale: number): Float32Array =>
  Float32Array.from({ length: count }, () => scale * random.normal());
const dense = (name: string, shape: readonly number[], values: Float32Array) => ({
  name,
  shape,
  form: { kind: 'dense', values } as const,
});
const model: Model = {
  layers: [
    { kind: 'input', name: 'data', inputs: [], outputShape: [INPUTS] },
    {
      ...{ kind: 'dense', name: 'ip1', inputs: ['data'], outputShape: [HIDDEN], units: HIDDEN },
      ...{ kernel: 'ip1/kernel', bias: 'ip1/bias' },
    },
    { kind: 'relu', name: 'relu', inputs: ['ip1'], outputShape: [HIDDEN] },
    {
      ...{ kind: 'dense', name: 'ip2', inputs: ['relu'], outputShape: [CLASSES], units: CLASSES },
      ...{ kernel: 'ip2/kernel', bias: 'ip2/bias' },
    },
  ],
  weights: [
    dense('ip1/kernel', [HIDDEN, INPUTS], normal(HIDDEN * INPUTS, 0.4)),
    dense('ip1/bias', [HIDDEN], normal(HIDDEN, 0.2)),
    dense('ip2/kernel', [CLASSES, HIDDEN], normal(CLASSES * HIDDEN, 0.5)),
    dense('ip2/bias', [CLASSES], normal(CLASSES, 0.2)),
  ],
  history: [],
};
const common = Array.from({ length: 4 }, () => normal(INPUTS, 1));
const images = Array.from({ length: 300 }, () => {
  const mixture = common.map(() => random.normal());
  return Float32Array.from(
    { length: INPUTS },
    (_, i) => 0.5 + 0.1 * random.normal() + mixture.reduce((sum, m, c) => sum + m * common[c]![i]!, 0) / 2,
  );
});
const [seen, held] = [images.slice(0, 200), images.slice(200)];

const logitsOf = (network: Model, image: Float32Array): Float64Array => referenceForward(network, image);
const probabilities = (logits: Float64Array): Float64Array => {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

/** What `createCalibration` of @pare/tfjs does, by plain loops. */
const calibration: Calibration = {
  async statistics(network, { kernels = [] } = {}) {
    const statistics = new Map<string, LayerStatistics>();
    for (const kernel of kernels) {
      const end = network.layers.findIndex((layer) => 'kernel' in layer && layer.kernel === kernel);
      const layer = network.layers[end]!;
      const before = { ...network, layers: network.layers.slice(0, end) };
      const rows = seen.map((image) => (end === 1 ? Float64Array.from(image) : referenceForward(before, image)));
      const width = rows[0]!.length;
      const moment = new Float32Array(width * width);
      const mean = new Float32Array(width);
      for (const row of rows) {
        for (let i = 0; i < width; i++) {
          mean[i]! += row[i]! / rows.length;
          for (let j = 0; j < width; j++) moment[i * width + j]! += (row[i]! * row[j]!) / rows.length;
        }
      }
      const outputs = layer.outputShape[0]!;
      statistics.set(kernel, {
        inputSecondMoment: moment,
        inputMean: mean,
        outputFisher: new Float32Array(outputs).fill(0.1),
      });
    }
    return statistics;
  },
  async judge(network): Promise<Drift> {
    let [divergence, agreement] = [0, 0];
    for (const image of held) {
      const [p, q] = [probabilities(logitsOf(model, image)), probabilities(logitsOf(network, image))];
      p.forEach((share, k) => void (divergence += (share * Math.log(share / q[k]!)) / held.length));
      if (p.indexOf(Math.max(...p)) === q.indexOf(Math.max(...q))) agreement += 1 / held.length;
    }
    return { divergence, agreement, drop: 1 - agreement, count: held.length };
  },
};
const withoutLabels: Calibration = {
  ...calibration,
  async judge(network) {
    const { drop: _, ...drift } = await calibration.judge(network);
    return drift;
  },
};

/** What becomes of a network at a price of a bit in nats: one step of what `compressModel` searches. */
async function pricedAt(lambda: number, network: Model, settings: CompressSettings = {}): Promise<Model> {
  const { multiplications } = settings;
  const plans = planWeights(network, { ...settings, calibration });
  const kernels = calibratedKernels(network, plans, settings);
  const statistics = await calibration.statistics(network, { kernels: kernels.map(({ weight }) => weight.name) });
  const sparse = multiplications === undefined ? {} : { sparse: { share: multiplications, lambda } };
  const { weights } = priceList(kernels, statistics, { trellis: () => false, ...sparse })(lambda);
  return { ...network, weights: network.weights.map((weight) => weights.get(weight.name) ?? weight) };
}

const SIZE = 700;

describe('a size', () => {
  let calibrated: Awaited<ReturnType<typeof compressModel>>;
  beforeAll(async () => {
    calibrated = await compressModel(model, { calibration, targetSize: SIZE });
  });

  test('is kept, and nearly used up', () => {
    expect(calibrated.bytes.length).toBeLessThanOrEqual(SIZE);
    expect(calibrated.bytes.length).toBeGreaterThan(0.97 * SIZE);
  });

  test('moves answers less than half as far as without examples', async () => {
    const blind = await compressModel(model, { targetSize: SIZE });
    const [ours, theirs] = [await calibration.judge(calibrated.model), await calibration.judge(blind.model)];
    expect(ours.divergence).toBeLessThan(theirs.divergence / 2);
  });

  test('gives the same bytes again, and a file that any reader takes', async () => {
    const again = await compressModel(model, { calibration, targetSize: SIZE });
    expect(again.bytes).toEqual(calibrated.bytes);
    const read = decodeModel(calibrated.bytes);
    for (const { name } of model.weights) {
      expect(denseValues(weightOf(read, name).form)).toEqual(denseValues(weightOf(calibrated.model, name).form));
    }
  });

  test('out of reach is refused with what is possible', async () => {
    await expect(compressModel(model, { calibration, targetSize: 20 })).rejects.toThrow(
      /"targetSize" expected at least \d+ bytes, the smallest possible, got 20/,
    );
  });

  const different = (made: Model, name: string): number =>
    new Set(denseValues(weightOf(made, name).form).filter((value) => value !== 0)).size;

  test('with room for all values keeps no more of them than asked for', async () => {
    const { model: few } = await compressModel(model, { calibration, targetSize: 20_000, coding: 'fast', levels: 6 });
    expect(different(few, 'ip1/kernel')).toBeLessThanOrEqual(6);
  });

  test('lets a kernel have no more different values than asked for, beside zero', async () => {
    const settings = { calibration, targetSize: 560, levels: { byName: { 'ip1/kernel': 6 } } };
    const { model: few } = await compressModel(model, settings);
    const { model: many } = await compressModel(model, { ...settings, levels: 65_535 });
    expect(different(many, 'ip1/kernel')).toBeGreaterThan(6);
    expect(different(few, 'ip1/kernel')).toBeLessThanOrEqual(6);
    expect(different(few, 'ip2/kernel')).toBeGreaterThan(6);
    await expect(compressModel(model, { levels: 6 })).rejects.toThrow('"levels" needs "calibration"');
    await expect(compressModel(model, { ...settings, levels: 1 })).rejects.toThrow('expected a whole number 2 … 65535');
  });

  /** The network with the largest 30 % of a kernel kept. */
  const pruned: Model = {
    ...model,
    weights: model.weights.map((weight) => {
      if (weight.name !== 'ip1/kernel') return weight;
      const values = denseValues(weight.form);
      const mask = magnitudeMask(values, { keep: 0.3 });
      return { ...weight, form: { kind: 'masked', mask, values: values.map((value, i) => value * mask[i]!) } };
    }),
  };
  const densityOf = (network: Model): number => {
    const values = denseValues(weightOf(network, 'ip1/kernel').form);
    return values.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0) / values.length;
  };

  test('leaves pruned weights pruned', async () => {
    const { model: made } = await compressModel(pruned, { calibration, targetSize: 500 });
    const before = denseValues(weightOf(pruned, 'ip1/kernel').form);
    const after = denseValues(weightOf(made, 'ip1/kernel').form);
    expect(after.some((value, i) => value !== 0 && before[i] === 0)).toBe(false);
    expect(densityOf(made)).toBeGreaterThan(0);
  });

  test('prunes to a density what the answers depend on least, with half the harm of pruning by magnitude', async () => {
    const ours = await pricedAt(2e-5, model, { density: { byName: { 'ip1/kernel': 0.3 } } });
    expect(Math.abs(densityOf(ours) - 0.3)).toBeLessThan(0.005);
    const theirs = await pricedAt(2e-5, pruned);
    expect(densityOf(theirs)).toBeLessThan(0.305);
    const [less, more] = [await calibration.judge(ours), await calibration.judge(theirs)];
    expect(less.divergence).toBeLessThan(more.divergence / 2);
  });
});

describe('a share of multiplications', () => {
  /** Share of the numbers of both kernels that are not zero, each being one multiplication. */
  const shareLeft = (network: Model): number => {
    const values = ['ip1/kernel', 'ip2/kernel'].flatMap((name) => [...denseValues(weightOf(network, name).form)]);
    return values.filter((value) => value !== 0).length / values.length;
  };

  test('is met, spread so that answers move less than with one density for all', async () => {
    const spread = await pricedAt(2e-5, model, { multiplications: 0.5 });
    const even = await pricedAt(2e-5, model, { density: 0.5 });
    for (const made of [spread, even]) {
      expect(shareLeft(made)).toBeLessThan(0.505);
      expect(shareLeft(made)).toBeGreaterThan(0.4);
    }
    const [less, more] = [await calibration.judge(spread), await calibration.judge(even)];
    expect(less.divergence).toBeLessThan(more.divergence);
  });

  // Once a file that fitted as it was came out whole.
  test('is met where there is room for all numbers too', async () => {
    const settings = { calibration, targetSize: 20_000, coding: 'fast' } as const;
    expect(shareLeft((await compressModel(model, { ...settings, multiplications: 0.5 })).model)).toBeLessThan(0.505);
  });

  test('needs examples, and no density beside it', async () => {
    await expect(compressModel(model, { multiplications: 0.5 })).rejects.toThrow(
      '"multiplications" needs "calibration"',
    );
    await expect(compressModel(model, { calibration, multiplications: 0 })).rejects.toThrow(
      'expected a share 0.05 … 1',
    );
    await expect(compressModel(model, { calibration, multiplications: 0.5, density: 0.5 })).rejects.toThrow(
      '"multiplications" and "density" expected one of them',
    );
  });
});

test('a drift is kept on the held-back examples, and nearly used up', async () => {
  const { model: made } = await compressModel(model, { calibration, maxDrift: 0.01 });
  const { divergence } = await calibration.judge(made);
  expect(divergence).toBeLessThanOrEqual(0.01);
  expect(divergence).toBeGreaterThan(0.005);
});

test('a drop of accuracy is kept on the held-back examples, and needs labels', async () => {
  const settings = { maxDrop: 0.03 };
  const { model: made, bytes } = await compressModel(model, { calibration, ...settings });
  expect((await calibration.judge(made)).drop).toBeLessThanOrEqual(0.03);
  expect(bytes.length).toBeLessThan(1500);
  await expect(compressModel(model, { calibration: withoutLabels, ...settings })).rejects.toThrow(
    '"maxDrop" needs labels',
  );
});

test('a network whose answers tip over at a touch is kept close enough', async () => {
  // As with many near-ties: four points lost for every ten-thousandth of a nat.
  const touchy: Calibration = {
    ...calibration,
    statistics: (...given) => calibration.statistics(...given),
    judge: async (changed) => {
      const drift = await calibration.judge(changed);
      return { ...drift, drop: Math.min(1, 400 * drift.divergence) };
    },
  };
  const { model: made } = await compressModel(model, { calibration: touchy, maxDrop: 0.01 });
  const { divergence } = await calibration.judge(made);
  expect(divergence).toBeLessThanOrEqual(0.01 / 400);
  expect(divergence).toBeGreaterThan(0.01 / 400 / 20);
});

test('settings that contradict each other, or need examples, are refused', async () => {
  await expect(compressModel(model, { maxDrift: 0.1 })).rejects.toThrow('"maxDrift" needs "calibration"');
  await expect(compressModel(model, { calibration, maxDrift: 0.1, targetSize: 9 })).rejects.toThrow(
    'expected one of them',
  );
  await expect(compressModel(model, { calibration, error: 0.1 })).rejects.toThrow('give "maxDrift" instead');
  await expect(compressModel(model, { calibration, maxDrop: 2 })).rejects.toThrow(
    '"maxDrop" expected a share 0 … 1, got 2',
  );
});
