import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom, weightOf } from '@pare/core';
import { outputError, pruneRows } from '@pare/plugin-energy-aware';
import { createCalibration, startWasm } from '@pare/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { findDataFolder } from '../data/data-folder.ts';
import { loadMnist } from '../data/mnist.ts';
import { folderLenet } from './lenet-energy.ts';
import { type LocalErrors, localErrors } from './local-errors.ts';

// The bounds of least squares on real activations: LeNet-5 on MNIST, if the data folder is there.

const folder = findDataFolder();
const there = folder !== undefined && existsSync(join(folder.path, 'lenet', 'lenet-5_dense.safetensors'));
if (!there) console.warn('skipped: no LeNet-5; set PARE_DATA to the data folder');

describe.runIf(there)('on real activations, errors of examples that nothing was fitted to', () => {
  const most = 40; // filters of a layer: the first dense one has 500
  let rows: readonly LocalErrors[] = [];
  const load = async () => {
    await startWasm();
    return { model: await folderLenet(folder!.path), train: (await loadMnist({ offline: true })).train };
  };
  beforeAll(async () => {
    const { model, train } = await load();
    const options = { random: seededRandom(1), count: 2000, densities: [0.5, 0.3, 0.15], mostFilters: most };
    rows = await localErrors(model, train, options);
  }, 120_000);

  test('every layer at every density is there', () => {
    expect(rows.map(({ layer, density }) => `${layer} ${density}`)).toHaveLength(12);
  });

  test('restored and refitted: at most 0.65 of what magnitude leaves', () => {
    for (const row of rows) expect(row.restoredRefitted, JSON.stringify(row)).toBeLessThanOrEqual(0.65 * row.magnitude);
  });

  test('at most 1.02 of what magnitude, refitted, leaves; at densities of at most 0.3 in the mean 0.9', () => {
    for (const row of rows) {
      expect(row.restoredRefitted, JSON.stringify(row)).toBeLessThanOrEqual(1.02 * row.magnitudeRefitted);
    }
    const sparse = rows.filter(({ density }) => density <= 0.3);
    const logs = sparse.map((row) => Math.log(row.restoredRefitted / row.magnitudeRefitted));
    expect(Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length)).toBeLessThanOrEqual(0.9);
  });

  test('without a ridge: least squares never raises the error where it was fitted; masks are exact; all kept is all as it was', async () => {
    const { model, train } = await load();
    const pixels = train.pixels.subarray(0, 1000 * 784);
    const calibration = createCalibration(model, { pixels, count: 1000, shape: train.shape }, { heldBack: 0.001 });
    const [kernel, { inputSecondMoment: inputs }] = [...(await calibration.statistics(model, { fisher: false }))][0]!;
    const weight = weightOf(model, kernel);
    if (weight.form.kind !== 'dense') throw new Error('the folder holds a dense LeNet-5');
    const { values: weights } = weight.form;
    const filters = weight.shape[0]!;
    for (const keep of [0.1, 0.3, 0.5, 0.8]) {
      const prune = (refit: boolean) => pruneRows(weights, filters, { inputs }, keep, { ridge: 0, refit });
      const { values, mask } = prune(true);
      const [fitted, plain] = [values, prune(false).values].map((each) => outputError(inputs, weights, each, filters));
      expect(fitted!).toBeLessThanOrEqual(plain! * (1 + 1e-5));
      values.forEach((value, i) => void (mask[i] === 0 && expect(value).toBe(0)));
    }
    const { values } = pruneRows(weights, filters, { inputs }, 1, { ridge: 0 });
    expect(outputError(inputs, weights, values, filters)).toBeLessThan(1e-6);
  }, 60_000);
});
