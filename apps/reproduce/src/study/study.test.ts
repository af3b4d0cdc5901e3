import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, describe, expect, test } from 'vitest';
import { recipeNamed } from '../recipes.ts';
import { studyPage } from '../report/study-page.ts';
import { describeStudy } from './describe-study.ts';
import { runStudy, type StudyResult, studyJson } from './run-study.ts';
import { defineStudy, isStudy, type Study } from './study.ts';

const folder = mkdtempSync(join(tmpdir(), 'pare-study-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const study = (source: 'real' | 'generated') =>
  defineStudy({
    name: 'tiny',
    title: 'A tiny study',
    source: 'this test',
    run: () => ({
      data: { source, note: 'numbers', sha256: {} },
      claims: [
        { what: 'held', unit: '%', published: null, source: 'nobody', bound: { atMost: 0.1 }, measured: 0.05 },
        {
          what: 'missed',
          unit: 'x',
          published: 3,
          source: 'nobody',
          bound: { atLeast: 2 },
          goal: { atLeast: 4 },
          measured: 1.23456789,
        },
        { what: 'unknown', unit: '', published: null, source: 'nobody', bound: { atLeast: 2 }, measured: null },
      ],
      tables: [
        {
          title: 'Numbers',
          columns: ['name', 'value'],
          rows: [
            ['some', 2.54321987],
            ['none', null],
          ],
        },
      ],
      charts: [
        {
          kind: 'lines',
          title: 'Lines',
          x: 'depth',
          y: 'balance',
          series: [
            {
              name: 'a',
              points: [
                [1, 0.5],
                [2, 0.7],
              ],
            },
          ],
        },
        {
          kind: 'beside',
          title: 'Beside',
          unit: 'µs',
          rows: [
            { name: 'a', published: 3, measured: 4 },
            { name: 'b', published: null, measured: 1 },
          ],
        },
        { kind: 'stack', title: 'Stack', unit: 'J', rows: [{ name: 'a', parts: { weights: 1, inputs: 2 } }] },
      ],
      notes: ['because'],
    }),
  });
const options = {
  mode: 'quick',
  seed: 1,
  folder,
  resume: false,
  signal: new AbortController().signal,
  onProgress: () => {},
} as const;

describe('a study', () => {
  test('judges its claims, and writes result and report', async () => {
    const result = await runStudy(study('real'), options);
    expect(result.claims.map(({ met }) => met)).toEqual([true, false, null]);
    const written = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as StudyResult;
    expect(written.claims[1]!.measured).toBe(1.2346); // five digits
    expect(written.tables[0]!.rows).toEqual([
      ['some', 2.5432],
      ['none', null],
    ]);
    const { document } = parseHTML(readFileSync(join(folder, 'report.html'), 'utf8'));
    expect(document.querySelectorAll('figure')).toHaveLength(3);
    expect(document.body.textContent).not.toMatch(/NaN|undefined/);
    const text = describeStudy(study('real'), result);
    expect(text).toMatch(/missed +3x +≥ 2x \(goal ≥ 4x\) +1\.23x +NO/);
    expect(text).toContain('· because');
  });

  test('on generated data no claim is met or missed', async () => {
    const { claims } = await runStudy(study('generated'), options);
    expect(claims.map(({ met }) => met)).toEqual([null, null, null]);
  });
});

test.each(['eie', 'energy', 'energy-aware', 'energy-aware-squeezenet'])(
  'draws the committed result of %s, which reads as it was written',
  (name) => {
    const text = readFileSync(new URL(`../../results/${name}.quick.json`, import.meta.url), 'utf8');
    const result = JSON.parse(text) as StudyResult;
    expect(studyJson(result)).toBe(text);
    const recipe = recipeNamed(name);
    expect(isStudy(recipe)).toBe(true);
    const { document } = parseHTML(studyPage(recipe as Study, result));
    expect(document.querySelectorAll('table')).toHaveLength(1 + result.tables.length + 1); // claims, and versions
    expect(document.querySelectorAll('figure')).toHaveLength(result.charts.length);
    expect(document.body.textContent).not.toMatch(/NaN|undefined/);
  },
);
