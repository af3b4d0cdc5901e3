import { createRegistry, createStage } from '@pare/core';
import { describeStage } from '@pare/testkit';
import { expect, test } from 'vitest';
import plugin, { keepBits, myThing } from './index.ts';

// What everyone relies on: input untouched, same seed same result, names, order and shapes kept, masks kept.
describeStage('my-thing', () => myThing({ bits: 4 }));

test('rounds to the nearest', () => {
  expect(keepBits(Float32Array.of(1.3, -1.2, 0, 100), 2)).toEqual(Float32Array.of(1.5, -1, 0, 96));
});

test('takes at most 2^(bits − 1) values within an octave', () => {
  const octave = Float32Array.from({ length: 1000 }, (_, i) => 1 + i / 1001);
  expect(new Set(keepBits(octave, 3)).size).toBeLessThanOrEqual(2 ** 2 + 1);
});

test('refuses what are no bits', () => {
  expect(() => keepBits(Float32Array.of(1), 0)).toThrow('keepBits: "bits" expected a whole number from 1 to 23, got 0');
});

test('is known by name, and checks its options', async () => {
  const { stages } = createRegistry([plugin]);
  expect((await createStage(stages, 'my-thing', { bits: 4 })).name).toBe('my-thing');
  await expect(createStage(stages, 'my-thing', { bits: 'few' })).rejects.toThrow('"bits"');
});
