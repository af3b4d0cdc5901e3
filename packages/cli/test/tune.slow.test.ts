import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MEASURED } from '@pare/sparse-kernels';
import { expect, test } from 'vitest';
import { emptyFolder, pare } from './_run.ts';

const folder = emptyFolder();

test('pare tune writes a table that kernels are chosen by', async () => {
  const { code, stdout } = await pare(folder, 'tune', '--rounds', '1', '-o', 'costs.json', '--quiet');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const costs = JSON.parse(readFileSync(join(folder, 'costs.json'), 'utf8'));
  expect(Object.keys(costs)).toEqual(Object.keys(MEASURED));
  for (const { perEntry, perLine } of Object.values(costs) as (typeof MEASURED)['csr'][]) {
    expect(perEntry.every((ns) => ns > 0 && ns < 1000)).toBe(true);
    expect(perLine).toBeGreaterThanOrEqual(0);
  }
});

test('pare tune --rounds refuses what is no number of rounds', async () => {
  const { code, stderr } = await pare(folder, 'tune', '--rounds', '0');
  expect(stderr).toContain('--rounds expected a whole number from 1 to 1000');
  expect(code).toBe(2);
});
