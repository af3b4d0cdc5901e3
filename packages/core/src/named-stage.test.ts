import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { createStage, defineStage } from './named-stage.ts';
import type { Stage } from './stage.ts';

const stage = (name: string, options?: unknown): Stage => ({ name, options, run: (model) => model });

const clip = defineStage({
  id: 'clip',
  about: 'Clips weights.',
  options: v.object({ at: v.optional(v.pipe(v.number(), v.minValue(0, 'expected ≥ 0')), 3) }),
  create: ({ at }) => stage('clip', { at }),
});
const idle = defineStage({ id: 'idle', about: 'Does nothing.', create: () => stage('idle') });

describe('createStage', () => {
  test('gives a stage what its schema made of the options', async () => {
    expect((await createStage([idle, clip], 'clip', { at: 2 })).options).toEqual({ at: 2 });
    expect((await createStage([idle, clip], 'clip')).options).toEqual({ at: 3 });
  });

  test('waits for a schema that takes its time', async () => {
    const slow = defineStage({
      id: 'slow',
      about: 'Asks somebody else.',
      options: v.pipeAsync(
        v.number(),
        v.checkAsync(async (at) => at > 1, 'too small'),
      ),
      create: (at) => stage('slow', at),
    });
    expect((await createStage([slow], 'slow', 2)).options).toBe(2);
    await expect(createStage([slow], 'slow', 1)).rejects.toThrow('options of stage "slow": too small; got 1');
  });

  test('says which option is wrong, and how', async () => {
    await expect(createStage([clip], 'clip', { at: -1 })).rejects.toThrow(
      'options of stage "clip": "at": expected ≥ 0; got {"at":-1}',
    );
  });

  test('refuses options that nobody reads', async () => {
    await expect(createStage([idle], 'idle', { at: 1 })).rejects.toThrow('stage "idle" takes no options, got {"at":1}');
  });

  test('names the stages there are', async () => {
    await expect(createStage([idle, clip], 'prune')).rejects.toThrow('no stage "prune"; there are idle, clip');
    await expect(createStage([], 'prune')).rejects.toThrow('none: add a plugin that brings it');
  });
});
