import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '@pare/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkpointIn, type RunState, stillValid } from './checkpoint.ts';

const model = (name: string): Model => ({ name, layers: [], weights: [], history: [] });
const fresh = model('fresh');
const state: RunState = {
  key: 'lenet',
  phaseKeys: ['dense', 'pruned', 'shared'],
  phase: 2,
  step: 3,
  model: model('in the midst of sharing'),
  finished: [model('dense'), model('pruned')],
  seconds: 100,
};

describe('stillValid', () => {
  test('goes on in the midst of a phase that is still the same', () => {
    expect(stillValid(state, ['dense', 'pruned', 'shared', 'more'], fresh)).toBe(state);
  });

  test('begins a phase anew that has been changed, keeping those before it', () => {
    const kept = stillValid(state, ['dense', 'pruned', 'shared otherwise'], fresh);
    expect([kept.phase, kept.step, kept.model.name]).toEqual([2, 0, 'pruned']);
    const less = stillValid(state, ['dense', 'pruned otherwise', 'shared'], fresh);
    expect([less.phase, less.step, less.model.name, less.finished.length]).toEqual([1, 0, 'dense', 1]);
  });

  test('begins at the beginning when the first phase has been changed', () => {
    const none = stillValid(state, ['dense otherwise', 'pruned', 'shared'], fresh);
    expect([none.phase, none.step, none.model.name, none.finished]).toEqual([0, 0, 'fresh', []]);
  });

  test('has nothing to do where everything is done', () => {
    const done: RunState = { ...state, phase: 3, step: 0, finished: [...state.finished, model('shared')] };
    expect(stillValid(done, ['dense', 'pruned', 'shared'], fresh)).toBe(done);
  });
});

describe('checkpointIn', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pare-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('gives back what was written, typed arrays and all', () => {
    const checkpoint = checkpointIn(folder);
    expect(checkpoint.read()).toBeUndefined();
    const weights = [{ name: 'w', shape: [2], form: { kind: 'dense', values: Float32Array.of(1, -0) } as const }];
    const written = { ...state, model: { ...fresh, weights } };
    checkpoint.write(written);
    expect(checkpoint.read()).toEqual(written);
  });

  test('puts an older one aside instead of losing it', () => {
    const checkpoint = checkpointIn(folder);
    expect(checkpoint.setAside()).toBe(false);
    checkpoint.write(state);
    checkpoint.training.write({ key: 'dense', epoch: 3, weights: [] });
    expect(checkpoint.setAside()).toBe(true);
    expect([checkpoint.read(), checkpoint.training.read()]).toEqual([undefined, undefined]);
    expect(readdirSync(folder).sort()).toEqual(['checkpoint.bin.old', 'training.bin.old']);
  });

  test('names a file that is no checkpoint, and the repair', () => {
    writeFileSync(join(folder, 'checkpoint.bin'), 'not a checkpoint');
    expect(() => checkpointIn(folder).read()).toThrow(/checkpoint\.bin is damaged: run again without --resume/);
  });
});
