import { denseWeight, type Model, type Shared, seededRandom } from '@pare/core';
import { decodeModel, encodeModel } from '@pare/format';
import { hardModels, same, smallNetwork, withValues } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { compressModel } from './compress.ts';
import { numbersOf } from './numbers.ts';
import type { CompressSettings } from './settings.ts';

const network = smallNetwork({ channels: 3, side: 4, filters: 8, hidden: 40, classes: 10 });
const KERNELS = ['conv1/kernel', 'ip1/kernel', 'ip2/kernel'];

const errorOf = (model: Model, after: Model, name: string): number => {
  const [was, is] = [model, after].map(
    ({ weights }) => numbersOf(weights.find((weight) => weight.name === name)!.form)!,
  );
  const sum = (of: (i: number) => number) => was!.reduce((total, _, i) => total + of(i), 0);
  return sum((i) => (was![i]! - is![i]!) ** 2) / sum((i) => was![i]! ** 2);
};

const compressed = async (settings: CompressSettings, model: Model = network) => {
  const result = await compressModel(model, settings);
  expect(decodeModel(result.bytes)).toEqual(result.model);
  expect(result.report.bytes).toBe(result.bytes.length);
  return result;
};

describe('without settings', () => {
  test('every kernel keeps 36 dB, biases eleven bits', async () => {
    const { model, bytes } = await compressed({});
    for (const name of KERNELS) {
      expect(errorOf(network, model, name)).toBeLessThanOrEqual(10 ** -3.6);
      expect(errorOf(network, model, name)).toBeGreaterThan(10 ** -3.8);
    }
    expect(errorOf(network, model, 'ip1/bias')).toBeLessThan(2 ** -22);
    expect(bytes.length).toBeLessThan(encodeModel(network).length / 3);
  });

  test('the same network gives the same bytes, and layers come along', async () => {
    const { bytes, model } = await compressed({});
    expect((await compressed({})).bytes).toEqual(bytes);
    expect(model.layers).toEqual(network.layers);
  });

  test('weights without layers are matrices by their shape', async () => {
    const { model } = await compressed({}, { ...network, layers: [] });
    expect(model.weights.map(({ form }) => form.kind)).toEqual([
      'shared',
      'dense',
      'shared',
      'dense',
      'shared',
      'dense',
    ]);
  });

  test.each(hardModels(['dense', 'masked', 'shared']))('$name', async ({ value }) => {
    const { model, report } = await compressed({}, value);
    expect(model.weights.map(({ name }) => name)).toEqual(value.weights.map(({ name }) => name));
    for (const { relativeError } of report.weights) expect(relativeError).toBeLessThanOrEqual(10 ** -3.6);
  });

  test('what is zero stays zero', async () => {
    const sparse = smallNetwork({ hidden: 40, kind: 'masked' });
    const { model } = await compressed({}, sparse);
    for (const [i, weight] of sparse.weights.entries()) {
      const [was, is] = [numbersOf(weight.form)!, numbersOf(model.weights[i]!.form)!];
      was.forEach((value, k) => {
        if (value === 0) expect(is[k]).toBe(0);
      });
    }
  });
});

describe('a second pass neither grows nor damages', () => {
  const settings: readonly CompressSettings[] = [
    {},
    { snr: 20 },
    { snr: 12 },
    { bits: 8 },
    { bits: 4 },
    { density: 0.3 },
    { targetSize: 900 },
    { error: 0.001 },
    { error: 0.01, distortion: 'absolute' },
    { lossless: true },
    { coding: 'fast' },
  ];
  test.each(settings)('with %o', async (each) => {
    const first = await compressed(each);
    const second = await compressed(each, first.model);
    expect(same(second.model.weights, first.model.weights)).toBe(true);
    expect(second.bytes.length).toBeLessThanOrEqual(first.bytes.length);
  });

  test('affine integers stay what they are', async () => {
    const quantised = withValues(network, 'ip1/kernel', (i) => Math.fround(0.013 * (((i * 7919) % 256) - 120)));
    const { model } = await compressed({}, quantised);
    expect(errorOf(quantised, model, 'ip1/kernel')).toBe(0);
  });
});

describe('settings', () => {
  test('lossless keeps every bit, of all or some', async () => {
    expect((await compressed({ lossless: true })).report.relativeError).toBe(0);
    const { model } = await compressed({ lossless: { byName: { ip1: true } } });
    expect(errorOf(network, model, 'ip1/kernel')).toBe(0);
    expect(errorOf(network, model, 'ip2/kernel')).toBeGreaterThan(0);
  });

  test.each([2000, 1000, 500])('a target of %s bytes is kept, and used', async (targetSize) => {
    const { bytes } = await compressed({ targetSize });
    expect(bytes.length).toBeLessThanOrEqual(targetSize);
    expect(bytes.length).toBeGreaterThan(targetSize * 0.95);
  });

  test('a target that is no obstacle changes nothing', async () => {
    expect((await compressed({ targetSize: 1e6 })).report.relativeError).toBe(0);
  });

  test('a target out of reach is refused, naming the smallest possible', async () => {
    await expect(compressModel(network, { targetSize: 20 })).rejects.toThrow(
      /compressModel: "targetSize" expected at least \d+ bytes, the smallest possible, got 20/,
    );
    await expect(compressModel(network, { targetSize: 20, lossless: true })).rejects.toThrow(
      /"targetSize" expected at least \d+ bytes with "lossless" for all, got 20/,
    );
    for (const other of [{}, { lossless: true }, { snr: 30 }]) {
      await expect(compressModel(network, { targetSize: 20, ...other })).rejects.toMatchObject({ code: 'unreachable' });
    }
  });

  test.each(['absolute', 'relative'] as const)('an %s error holds for all weights together', async (distortion) => {
    const { report } = await compressed({ error: 0.001, distortion });
    const error = distortion === 'absolute' ? report.relativeError : report.meanRelativeError;
    expect(error).toBeLessThanOrEqual(0.001);
    expect(error).toBeGreaterThan(0.0008);
  });

  test('a noise ratio holds for each weight, the most special wins', async () => {
    const { model } = await compressed({ snr: { default: 30, byType: { conv2d: 20 }, byName: { 'ip2/kernel': 40 } } });
    const decibels = KERNELS.map((name) => -10 * Math.log10(errorOf(network, model, name)));
    for (const [i, wanted] of [20, 30, 40].entries()) {
      expect(decibels[i]!).toBeGreaterThanOrEqual(wanted - 1e-6);
      expect(decibels[i]!).toBeLessThan(wanted + 1.5);
    }
  });

  test('more bits are more exact, and bits mean what affine integers make', async () => {
    let before = Infinity;
    for (const bits of [2, 4, 6, 8]) {
      const { model } = await compressed({ bits });
      const values = numbersOf(network.weights[2]!.form)!;
      const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
      const step = (high - low) / (2 ** bits - 1);
      const uniform = values.reduce((sum, value) => sum + (value - step * Math.round(value / step)) ** 2, 0);
      const error = errorOf(network, model, 'ip1/kernel') * values.reduce((sum, value) => sum + value ** 2, 0);
      expect(error).toBeLessThan(uniform * 1.2); // at either end one more rounding: half a step beyond the range
      expect(error).toBeLessThan(before);
      before = error;
    }
  });

  test('density keeps the largest, also of shared weights', async () => {
    for (const kind of ['dense', 'masked', 'shared'] as const) {
      const model = smallNetwork({ hidden: 40, kind });
      const { report } = await compressed({ density: { byName: { 'ip1/kernel': 0.25 } }, snr: 60 }, model);
      expect(report.weights[2]!.density).toBeLessThanOrEqual(0.25);
      expect(report.weights[2]!.density).toBeGreaterThan(0.2);
    }
  });

  test('biases and codebooks are as exact as they are asked to be', async () => {
    expect(errorOf(network, (await compressed({ biases: 'float32' })).model, 'ip1/bias')).toBe(0);
    const shared = smallNetwork({ kind: 'shared' });
    const kept = await compressed({}, shared);
    expect(errorOf(shared, kept.model, 'ip1/kernel')).toBe(0);
    const codebook = ({ model }: { model: Model }) => (model.weights[2]!.form as Shared).codebook;
    const rounded = await compressed({ codebooks: 'float16' }, shared);
    expect(codebook(rounded)).not.toEqual(codebook(kept));
    expect(codebook(rounded)[0]).toBeCloseTo(codebook(kept)[0]!, 3);
  });

  test('statistics of batch normalisation stay exact by name alone', async () => {
    const random = seededRandom(2);
    const tiny = Float32Array.from({ length: 16 }, () => 1e-9 * random.float());
    const model: Model = { layers: [], weights: [denseWeight('bn/moving_variance', [16], tiny)], history: [] };
    expect((await compressed({}, model)).report.relativeError).toBe(0);
    expect((await compressed({ error: 0.1, lossless: { byName: {} } }, model)).report.relativeError).toBe(0);
  });

  test('are refused where they are out of range, name nothing, or contradict each other', async () => {
    const refused: readonly [CompressSettings, string][] = [
      [{ targetSize: 0 }, '"targetSize" expected a number > 0, got 0'],
      [{ bits: 17 }, '"bits" expected a whole number 1 … 16, got 17'],
      [{ density: 0 }, '"density" expected a number above 0 and up to 1, got 0'],
      [{ snr: { byName: { ip9: 3 } } }, '"snr.byName" names "ip9"'],
      [{ snr: Number.NaN }, '"snr" expected a number of dB ≥ 0, got NaN'],
      [{ targetSize: 1000, error: 0.1 }, '"targetSize" and "error" expected one of them'],
      [{ lossless: true, bits: 4 }, '"lossless" for all leaves no room for "bits"'],
      [{ targetSize: 100, snr: 30 }, '"targetSize" expected at least'],
    ];
    for (const [settings, message] of refused) {
      await expect(compressModel(network, settings)).rejects.toThrow(`compressModel: ${message}`);
    }
  });
});

test('numbers that are none are refused', async () => {
  await expect(compressModel(withValues(network, 'ip1/kernel', () => Number.NaN))).rejects.toThrow(
    'compressModel: "ip1/kernel" expected finite numbers, got NaN at index 0',
  );
});

test('tells how far it is, and stops when told to', async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const work = compressModel(network, {
    targetSize: 600,
    signal: controller.signal,
    onProgress: ({ done }) => {
      seen.push(done);
      if (seen.length === 4) controller.abort(new Error('enough'));
    },
  });
  await expect(work).rejects.toThrow('enough');
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});
