import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countJudgement } from './tally.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('counts each by its name, and goes on from the most that is known', () => {
  const path = join(folder, 'judged.json');
  expect(countJudgement(path, 'a', [])).toBe(1);
  expect(countJudgement(path, 'a', [0])).toBe(2);
  expect(countJudgement(path, 'b', [5, 3])).toBe(6);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ a: 2, b: 6 });
});

test('names a file that is damaged, and the repair', () => {
  const path = join(folder, 'damaged.json');
  writeFileSync(path, '{');
  expect(() => countJudgement(path, 'a', [])).toThrow('damaged.json is damaged: mend or remove it');
});
