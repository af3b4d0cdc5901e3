import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { committedResult } from './places.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function reproduce(...words: readonly string[]) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@pare/source', '--import', 'tsx', main, ...words, '--out', folder],
    { encoding: 'utf8', env: { ...process.env, PARE_OFFLINE: '1' } },
  );
  return { status, stdout, stderr };
}

test('--rows computes these rows alone; --save keeps no smoke run; --fetch heeds PARE_OFFLINE', () => {
  const words = ['alexnet-to-squeezenet', '--smoke', '--rows', 'alexnet,squeezenet', '--save', '--fetch', '--json'];
  const { status, stdout, stderr } = reproduce(...words);
  expect(status).toBe(0);
  const { rows } = JSON.parse(stdout).results[0] as {
    rows: readonly { readonly id: string; readonly state: string }[];
  };
  expect(rows.filter(({ state }) => state === 'computed').map(({ id }) => id)).toEqual(['alexnet', 'squeezenet']);
  expect(rows.some(({ state }) => state === 'carried')).toBe(true);
  expect(stderr).toContain('AlexNet: not fetched, as PARE_OFFLINE forbids it');
  expect(stderr).toContain('not saved: only runs on real data, quick or full, are results');
  expect(existsSync(committedResult('alexnet-to-squeezenet', 'smoke', 1))).toBe(false);
}, 60_000);

test.each([
  [['--rows', 'squeezenet-uint7'], '--rows: unknown row "squeezenet-uint7"'],
  [['lenet-5', '--rows', 'alexnet'], '--rows speaks of alexnet-to-squeezenet, which is not among the recipes'],
  [['--full', '--smoke'], '--full and --smoke exclude each other'],
  [['lenet-5', '--seed', 'x'], '--seed expected a whole number of at least 0, got "x"'],
])(
  '%j is wrong usage',
  (words, message) => {
    const { status, stderr } = reproduce(...words);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  },
  60_000,
);
