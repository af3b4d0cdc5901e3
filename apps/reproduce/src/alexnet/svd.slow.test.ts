import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWasm } from '@pare/tfjs';
import { expect, test } from 'vitest';
import { findDataFolder } from '../data/data-folder.ts';
import { loadMnist } from '../data/mnist.ts';
import { SHARES, svdLenet } from './svd.ts';

const path = join(findDataFolder()?.path ?? '', 'lenet/lenet-300-100_dense.safetensors');

test('LeNet-300-100 loses more, the fewer directions are left', async () => {
  if (!existsSync(path)) {
    console.warn(`skipped: no ${path}; set PARE_DATA to the data folder`);
    return;
  }
  const { test: images, source } = await loadMnist({ offline: true });
  if (source !== 'real') return;
  await startWasm();
  const points = await svdLenet(readFileSync(path), images);
  console.table(points.map(({ ranks, ...rest }) => ({ ranks: ranks && `${ranks.ip1}, ${ranks.ip2}`, ...rest })));
  expect(points).toHaveLength(1 + SHARES.length);
  expect(points[0]?.error).toBeCloseTo(0.0228, 10); // the 228 of 10,000 of its authors
  const errors = points.map(({ error }) => error);
  expect(errors[1]! - errors[0]!).toBeLessThan(0.002); // half of the rank is not needed
  expect(errors.at(-1)! - errors[0]!).toBeGreaterThan(0.005); // a twentieth is not enough
}, 120_000);
