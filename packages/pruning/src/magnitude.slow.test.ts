import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { magnitudeMask } from './magnitude.ts';

test('prunes the largest layer of AlexNet, fc6, to the exact count', () => {
  const random = seededRandom(1);
  const some = Float32Array.from({ length: 65_536 }, () => random.normal());
  const values = new Float32Array(37_748_736); // Han et al. 2015, table 4
  for (let i = 0; i < values.length; i++) values[i] = some[i & 0xffff]! * (1 + (i >>> 16) * 2 ** -20);
  const mask = magnitudeMask(values, { keep: 0.09 });
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < mask.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (mask[i] === 1) {
      count++;
      if (magnitude < least) least = magnitude;
    } else if (magnitude > largest) largest = magnitude;
  }
  expect(count).toBe(Math.round(0.09 * values.length));
  expect(largest).toBeLessThanOrEqual(least);
});
