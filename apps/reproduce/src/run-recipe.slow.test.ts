import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sequence } from '@pare/architectures';
import { chain, repeat, retrain } from '@pare/core';
import { magnitudePrune } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateDigits } from './data/generated-digits.ts';
import { defineRecipe } from './recipe.ts';
import { type RunOptions, runRecipe } from './run-recipe.ts';

const learning = { batchSize: 32, augment: 2 } as const;
const recipe = defineRecipe({
  name: 'tiny',
  title: 'A net of one layer',
  source: 'this test',
  layers: () =>
    sequence(
      [1, 28, 28],
      [
        { kind: 'flatten', name: 'flatten' },
        { kind: 'dense', name: 'ip', units: 10 },
      ],
      { scale: 1 / 256 },
    ),
  phases: () => [
    { name: 'dense', stages: [retrain({ ...learning, epochs: 3 })] },
    {
      name: 'pruned',
      stages: [
        repeat(2, () => chain(magnitudePrune({ keep: 0.3 }), retrain({ ...learning, epochs: 2, distill: 0.5 }))),
      ],
    },
    { name: 'shared', from: 'pruned', stages: [shareWeights({ bits: 3 }), retrain({ ...learning, epochs: 2 })] },
  ],
  encode: {},
  claims: [{ what: 'top-1 error', published: 0.1, bound: { atMost: 0.5 }, source: 'nobody' }],
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const data = generateDigits({ train: 240, test: 60 });
const runIn = (name: string, options: Partial<RunOptions> = {}) =>
  runRecipe(recipe, {
    mode: 'smoke',
    seed: 1,
    data,
    folder: join(folder, name),
    resume: false,
    signal: new AbortController().signal,
    onProgress() {},
    ...options,
  });
const fileOf = (name: string): Buffer => readFileSync(join(folder, name, 'tiny.pare'));

test('the same seed makes the same file, another seed another', async () => {
  const result = await runIn('once');
  expect(result.sizes.fileBytes).toBe(fileOf('once').length);
  expect(result.claims[0]).toMatchObject({ met: null }); // drawn digits meet no claim
  expect(result.phases.map(({ phase, testError }) => [phase, testError === null])).toEqual([
    ['dense', false],
    ['pruned', true],
    ['shared', false],
  ]);
  await runIn('again');
  expect(fileOf('again').equals(fileOf('once'))).toBe(true);
  await runIn('other', { seed: 2 });
  expect(fileOf('other').equals(fileOf('once'))).toBe(false);
});

test.each(['dense', 'pruned', 'shared'])(
  'a run broken off in its phase %s and resumed makes the very same file',
  async (broken) => {
    const abort = new AbortController();
    const onProgress: RunOptions['onProgress'] = ({ phase, accuracy }) => {
      if (phase === broken && accuracy !== undefined) abort.abort(new Error('Ctrl-C'));
    };
    await expect(runIn(broken, { signal: abort.signal, onProgress })).rejects.toThrow('Ctrl-C');
    const result = await runIn(broken, { resume: true });
    expect(result.resumed).toBe(true);
    expect(fileOf(broken).equals(fileOf('once'))).toBe(true);
  },
);

test('resuming what has finished neither trains nor judges again', async () => {
  const before = await runIn('finished');
  let trained = false;
  const after = await runIn('finished', { resume: true, onProgress: () => (trained = true) });
  expect(trained).toBe(false);
  expect(after).toEqual(JSON.parse(JSON.stringify(before)));
});

test('refuses to go on with another seed', async () => {
  await expect(runIn('finished', { resume: true, seed: 5 })).rejects.toThrow('run again without --resume');
});
