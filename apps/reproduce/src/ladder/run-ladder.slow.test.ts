import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defineLadder, type Ladder } from './ladder.ts';
import type { LadderResult } from './ladder-result.ts';
import { smallMaterial } from './material.ts';
import { affineRows } from './rows/affine.ts';
import alexnetDense from './rows/alexnet-dense.ts';
import { faithfulRows } from './rows/faithful.ts';
import released8Bit from './rows/released-8-bit.ts';
import { type RunLadderOptions, runLadder } from './run-ladder.ts';

const ladder = defineLadder({
  name: 'tiny',
  title: 'A ladder of four rungs',
  source: 'this test',
  rows: [alexnetDense, released8Bit, ...affineRows.slice(0, 2)],
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const runIn = (
  name: string,
  { ladder: other = ladder, ...options }: Partial<RunLadderOptions> & { ladder?: Ladder } = {},
) =>
  runLadder(other, {
    mode: 'smoke',
    seed: 1,
    material: smallMaterial(),
    folder: join(folder, name),
    resume: false,
    signal: new AbortController().signal,
    onProgress() {},
    committed: [],
    ...options,
  });
const ids = ({ rows }: LadderResult): string[] => rows.map(({ id, state }) => `${id} ${state}`);

test('computes its rows, judges them without labels, and writes a file, a result and a report', async () => {
  const result = await runIn('once');
  expect(ids(result)).toEqual([
    'alexnet computed',
    'released-8-bit computed',
    'squeezenet-uint8 computed',
    'squeezenet-1.1-uint8 computed',
  ]);
  const [alexnet, released, uint8] = result.rows;
  expect(alexnet).toMatchObject({
    bytes: 243_860_896,
    ratio: 1,
    judgement: null,
    heldBack: null,
    weights: 'none',
    judged: 0,
  });
  expect(released).toMatchObject({
    weights: 'generated',
    judgement: { accuracy: null, agreement: 1, divergence: 0, count: 40 },
  });
  expect(released?.bytes).toBe(readFileSync(join(folder, 'once/released-8-bit.pare')).length);
  expect(uint8?.judgement?.agreement).toBeGreaterThan(0.9);
  expect(uint8?.heldBack?.count).toBe(8);
  const saved = JSON.parse(readFileSync(join(folder, 'once/result.json'), 'utf8'));
  expect(saved).toEqual(JSON.parse(JSON.stringify(result)));
  expect(readFileSync(join(folder, 'once/report.html'), 'utf8')).toContain('A ladder of four rungs');
});

test('the same seed finds the same, whichever rows are asked for', async () => {
  const all = await runIn('all');
  const one = await runIn('one', { only: ['squeezenet-uint8'] });
  expect(ids(one)).toEqual(['squeezenet-uint8 computed']);
  const [{ seconds: _, ...row }] = one.rows as [LadderResult['rows'][number]];
  expect(all.rows[2]).toMatchObject(row);
});

test('a run broken off keeps its finished rows, and goes on without computing them again', async () => {
  const abort = new AbortController();
  const breakOff: RunLadderOptions['onProgress'] = ({ phase }) => {
    if (phase === ladder.rows[2]!.title) abort.abort(new Error('Ctrl-C'));
  };
  await expect(runIn('broken', { signal: abort.signal, onProgress: breakOff })).rejects.toThrow('Ctrl-C');
  expect(existsSync(join(folder, 'broken/result.json'))).toBe(false);
  const seen: string[] = [];
  const result = await runIn('broken', { resume: true, onProgress: ({ phase }) => seen.push(phase) });
  expect(result.resumed).toBe(true);
  expect(ids(result)).toHaveLength(4);
  expect(seen).not.toContain(ladder.rows[1]!.title);
  expect(seen).toContain(ladder.rows[2]!.title);
});

test.each(['squeezenet-faithful: pruning', 'squeezenet-faithful: fine-tuning'])(
  'a row broken off in %s goes on from its last epoch, to the very same file',
  async (where) => {
    const long = defineLadder({ ...ladder, rows: faithfulRows.slice(0, 1) });
    const all: string[] = [];
    const once = await runIn(`${where} once`, { ladder: long, onProgress: ({ stage }) => all.push(stage) });
    const abort = new AbortController();
    const onProgress: RunLadderOptions['onProgress'] = ({ stage }) => {
      if (`squeezenet-faithful: ${stage}`.startsWith(where) && stage.includes('epoch'))
        abort.abort(new Error('Ctrl-C'));
    };
    await expect(runIn(where, { ladder: long, signal: abort.signal, onProgress })).rejects.toThrow('Ctrl-C');
    const seen: string[] = [];
    const result = await runIn(where, { ladder: long, resume: true, onProgress: ({ stage }) => seen.push(stage) });
    expect(seen.length).toBeLessThan(all.length); // what came before was kept
    expect(result.rows[0]?.heldBack).toEqual(once.rows[0]?.heldBack);
    const fileOf = (name: string): Buffer => readFileSync(join(folder, name, 'squeezenet-faithful.pare'));
    expect(fileOf(where).equals(fileOf(`${where} once`))).toBe(true);
  },
);

test('rows of another seed are not gone on from', async () => {
  await runIn('seeds', { only: ['alexnet'] });
  expect((await runIn('seeds', { only: ['alexnet'], resume: true })).resumed).toBe(true);
  expect((await runIn('seeds', { only: ['alexnet'], resume: true, seed: 2 })).resumed).toBe(false);
});

test('rows that are not computed are carried from what is committed, and marked', async () => {
  const earlier = await runIn('earlier');
  const result = await runIn('later', { only: ['alexnet'], committed: [earlier] });
  expect(ids(result)).toEqual([
    'alexnet computed',
    'released-8-bit carried',
    'squeezenet-uint8 carried',
    'squeezenet-1.1-uint8 carried',
  ]);
  expect((await runIn('quick', { mode: 'quick' })).rows.map(({ id }) => id)).toEqual(['alexnet', 'released-8-bit']);
});

test('judgements on real images are counted across runs, committed ones included', async () => {
  const material = { ...smallMaterial(), source: 'real' as const };
  const first = await runIn('count', { material, only: ['released-8-bit'] });
  const second = await runIn('count', { material, only: ['released-8-bit'] });
  const third = await runIn('elsewhere', { material, only: ['released-8-bit'], committed: [second] });
  expect([first, second, third].map(({ rows }) => rows[0]!.judged)).toEqual([1, 2, 3]);
});

test('a row that is none is refused', async () => {
  await expect(runIn('none', { only: ['squeezenet-uint7'] })).rejects.toThrow('unknown row "squeezenet-uint7" of tiny');
});
