import type { Workload } from '@pare/core';
import { describeHardware } from '@pare/testkit';
import { expect, test } from 'vitest';
import { myThing } from './index.ts';

// What everyone relies on: no work costs nothing, more work costs no less, parts sum to the total, impossible layers are named.
describeHardware('my-thing', myThing);

test('reads a byte a weight at 8 bits', () => {
  const work: Workload = {
    layer: { kind: 'dense', name: 'fc', inputs: ['data'], outputShape: [10], units: 10, kernel: 'fc/kernel' },
    inputShape: [100],
    batch: 1,
    weightDensity: 1,
    weightBits: 8,
    inputDensity: 1,
    outputDensity: 1,
    activationBits: 8,
  };
  const { parts, dramBytes } = myThing().cost(work);
  expect(dramBytes).toBe(10 * 100 + 100 + 10);
  expect(parts.find(({ data }) => data === 'weights')?.energyPj).toBe(20 * 1000);
});
