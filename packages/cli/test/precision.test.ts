import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from '@pare/core';
import { decodeModel, encodeModel } from '@pare/format';
import { denseValues, smallNetwork } from '@pare/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder, pare } from './_run.ts';

const folder = emptyFolder();
const dense = smallNetwork({ hidden: 40 });
const shared = smallNetwork({ hidden: 40, kind: 'shared' });

beforeAll(() => {
  for (const [name, model] of Object.entries({ dense, shared })) {
    writeFileSync(join(folder, `${name}.pare`), encodeModel(model, { coding: 'fast' }));
  }
});

/** What a reader gets from a network compressed by such words. */
async function compressed(name: string, ...words: readonly string[]) {
  const common = ['-o', 'out.pare', '-q', '--no-baselines', '--coding', 'fast'];
  const { code, stderr } = await pare(folder, 'compress', `${name}.pare`, ...common, ...words);
  expect([code, stderr]).toEqual([0, '']);
  return decodeModel(readFileSync(join(folder, 'out.pare')));
}

/** 10 · log₁₀(‖w‖² / ‖Δw‖²), Infinity if nothing was lost. */
function decibels(before: Model, after: Model, name: string): number {
  const [was, is] = [before, after].map(({ weights }) =>
    denseValues(weights.find((weight) => weight.name === name)!.form),
  ) as [Float32Array, Float32Array];
  const energy = was.reduce((sum, value) => sum + value ** 2, 0);
  return 10 * Math.log10(energy / was.reduce((sum, value, i) => sum + (value - is[i]!) ** 2, 0));
}

describe('pare compress', () => {
  test('--snr keeps so many decibels, of all or of one', async () => {
    const model = await compressed('dense', '--snr', '20', '--snr', 'ip2/kernel=40');
    expect(decibels(dense, model, 'ip1/kernel')).toBeGreaterThanOrEqual(20);
    expect(decibels(dense, model, 'ip1/kernel')).toBeLessThan(25);
    expect(decibels(dense, model, 'ip2/kernel')).toBeGreaterThanOrEqual(40);
  });

  test('--biases says how exact vectors are', async () => {
    expect(decibels(dense, await compressed('dense', '--biases', 'float32'), 'ip1/bias')).toBe(Infinity);
    expect(decibels(dense, await compressed('dense', '--biases', 'float16'), 'ip1/bias')).toBeLessThan(100);
  });

  test('--codebooks says how exact shared values are', async () => {
    expect(decibels(shared, await compressed('shared', '--codebooks', 'float32'), 'ip1/kernel')).toBe(Infinity);
    expect(decibels(shared, await compressed('shared', '--codebooks', 'float16'), 'ip1/kernel')).toBeLessThan(100);
  });

  test.each([
    ['one a line', 'a cat\na dog\n'],
    ['a JSON list', '["a cat", "a dog"]'],
  ])('--labels carries names of the answers, %s', async (_, text) => {
    writeFileSync(join(folder, 'labels.txt'), text);
    expect((await compressed('dense', '--labels', 'labels.txt')).labels).toEqual(['a cat', 'a dog']);
  });
});
