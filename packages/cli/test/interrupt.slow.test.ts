import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initialize, lenet300 } from '@pare/architectures';
import { denseWeight, seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import { npzExporter } from '@pare/interop';
import { expect, test } from 'vitest';
import { bell, emptyFolder } from './_run.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('Ctrl-C amid calibration ends at once and leaves the old output as it was', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'in.pare'), encodeModel(initialize(lenet300(), seededRandom(1)), { coding: 'fast' }));
  const x = denseWeight('x', [300, 1, 28, 28], bell(300 * 784, 1, 1));
  const { files } = await npzExporter.write({ layers: [], weights: [x], history: [] }, 'a');
  writeFileSync(join(folder, 'a.npz'), files.get('a.npz')!);
  writeFileSync(join(folder, 'out.pare'), 'old');
  const words = ['compress', join(folder, 'in.pare'), '-o', join(folder, 'out.pare'), '--calibration'];
  const child = spawn(
    process.execPath,
    ['--conditions=@pare/source', '--import', 'tsx', MAIN, ...words, join(folder, 'a.npz'), '--no-baselines'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('search …')) child.kill('SIGINT');
  });
  expect(await ended).toBe('SIGINT');
  expect(readFileSync(join(folder, 'out.pare'), 'utf8')).toBe('old');
  expect(readdirSync(folder).sort()).toEqual(['a.npz', 'in.pare', 'out.pare']);
}, 120_000);
