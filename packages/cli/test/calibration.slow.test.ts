import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialize, lenet300 } from '@pare/architectures';
import { denseWeight, seededRandom } from '@pare/core';
import { importModel, memorySource, npzExporter } from '@pare/interop';
import { expect, test } from 'vitest';
import { numbersOf } from '../src/numbers.ts';
import { bell, emptyFolder, pare, writeSafetensors } from './_run.ts';

test('a safetensors file comes back with its names and shapes, from a network that was recognised by them', async () => {
  const folder = emptyFolder();
  const weights = initialize(lenet300(), seededRandom(1)).weights.map(({ name, shape, form }) => ({
    name: name.replace('/kernel', '.weight').replace('/bias', '.bias'),
    shape,
    values: numbersOf({ name, shape, form }),
  }));
  writeSafetensors(
    join(folder, 'net.safetensors'),
    Object.fromEntries(weights.reverse().map(({ name, ...tensor }) => [name, tensor])),
  );
  const x = denseWeight('x', [60, 28, 28], bell(60 * 784, 1, 1)); // [N, 28, 28] is taken for [N, 1, 28, 28]
  const { files } = await npzExporter.write({ layers: [], weights: [x], history: [] }, 'a');
  writeFileSync(join(folder, 'a.npz'), files.get('a.npz')!);

  const words = ['net.safetensors', '-o', 'net.pare', '--calibration', 'a.npz', '--target-size', '100kB'];
  const { code, stdout } = await pare(folder, 'compress', ...words, '--coding', 'fast', '--json', '--no-baselines');
  expect(code).toBe(0);
  const { bytes, calibration, notes, relativeError } = JSON.parse(stdout);
  expect(notes).toEqual(['recognised by its tensors: lenet-300-100']);
  expect(bytes).toBeLessThanOrEqual(100_000);
  expect(bytes).toBeGreaterThan(97_000);
  expect(relativeError).toBeLessThan(1);
  expect(calibration.drift).toMatchObject({ count: 12 });
  expect(calibration.drift.divergence).toBeLessThan(0.1);
  expect(calibration.drift).not.toHaveProperty('drop');

  await pare(folder, 'decode', 'net.pare', '-o', 'decoded.safetensors', '-q');
  const { model } = await importModel(
    memorySource({ 'decoded.safetensors': readFileSync(join(folder, 'decoded.safetensors')) }),
  );
  const shapes = (list: readonly { name: string; shape: readonly number[] }[]) =>
    Object.fromEntries(list.map(({ name, shape }) => [name, shape]));
  expect(shapes(model.weights)).toEqual(shapes(weights));
});
