import { initialize, sequence } from '@pare/architectures';
import { seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import { expect, test } from 'vitest';
import { createRuntime } from './index.ts';

test('a thousand networks loaded, run and freed take no more memory than some', () => {
  const layers = sequence([3, 64, 64], [{ kind: 'conv2d', name: 'conv', filters: 16, kernelSize: 3, padding: 1 }]);
  const bytes = encodeModel(initialize(layers, seededRandom(1)), { coding: 'fast' });
  const input = new Float32Array(3 * 64 * 64).fill(0.5);
  const cycle = (): void => {
    const runtime = createRuntime(bytes);
    runtime.runSync(input);
    runtime.dispose();
  };
  const used = (): number => process.memoryUsage().rss;
  for (let i = 0; i < 100; i++) cycle();
  const before = used();
  for (let i = 0; i < 1000; i++) cycle();
  // Each takes a third of a megabyte at least: a thousand that stayed would be over 300.
  expect(used() - before).toBeLessThan(100 * 2 ** 20);
}, 60_000);
