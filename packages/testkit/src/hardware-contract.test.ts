import { type Cost, elementCount, type HardwareModel, type Workload } from '@pare/core';
import { expect, test } from 'vitest';
import { brokenPromises } from './_broken.ts';
import { describeHardware, hardwareContract } from './hardware-contract.ts';

/** A chip that keeps its promises: a picojoule for each bit of weights that are kept, and of inputs, and for each output. */
function honest(change: (cost: Cost, work: Workload) => Cost = (cost) => cost): HardwareModel {
  return {
    name: 'honest',
    title: 'An honest chip',
    source: 'this test',
    constants: [{ name: 'bit', value: 1, unit: 'pJ', status: 'assumed', source: 'this test' }],
    cost(work) {
      const { layer, inputShape, batch, weightDensity, weightBits, inputDensity, activationBits } = work;
      const none: Cost = { energyPj: 0, latencyUs: 0, dramBytes: 0, parts: [], notes: [] };
      check(work);
      if (batch === 0 || weightDensity === 0 || (layer.kind !== 'conv2d' && layer.kind !== 'dense')) return none;
      const part = (data: 'weights' | 'inputs' | 'outputs', count: number) =>
        ({ action: 'bit', data, level: 'dram', count, energyPj: count }) as const;
      const parts = [
        part('weights', weightDensity * weightBits * layer.outputShape[0]!),
        part('inputs', batch * inputDensity * activationBits * elementCount(inputShape)),
        part('outputs', batch * activationBits * elementCount(layer.outputShape)),
      ];
      const energyPj = parts.reduce((sum, { energyPj }) => sum + energyPj, 0);
      return change({ energyPj, latencyUs: energyPj / 1000, dramBytes: energyPj / 8, parts, notes: [] }, work);
    },
  };
}

function check({ layer, inputShape, batch, weightDensity, weightBits, inputDensity }: Workload): void {
  const refuse = () => {
    throw new RangeError(`honest: layer "${layer.name}" is impossible`);
  };
  if (!(weightDensity >= 0 && weightDensity <= 1 && inputDensity >= 0 && inputDensity <= 1)) refuse();
  if (!(weightBits > 0) || !Number.isInteger(batch) || inputShape.some((extent) => extent < 1)) refuse();
  if (layer.kind === 'dense' && layer.outputShape[0] !== layer.units) refuse();
  if (layer.kind !== 'conv2d') return;
  const [, height] = inputShape as [number, number];
  const extent = Math.floor((height + 2 * layer.padding[0] - layer.kernelSize[0]) / layer.stride[0]) + 1;
  if (layer.outputShape.join() !== [layer.filters, extent, extent].join() || layer.filters % layer.groups) refuse();
}

describeHardware('honest', () => honest());

const scaled = (cost: Cost, by: number): Cost => ({
  ...cost,
  energyPj: cost.energyPj * by,
  parts: cost.parts.map((part) => ({ ...part, energyPj: part.energyPj * by })),
});

test.each<readonly [string, () => HardwareModel, string]>([
  [
    'idles at a price',
    () => costing((cost) => ({ ...cost, latencyUs: cost.latencyUs + 1 })),
    'costs nothing where there is no work',
  ],
  ['works for free', () => honest((cost) => scaled(cost, 0)), 'costs something where there is work'],
  [
    'hides a part',
    () => honest((cost) => ({ ...cost, parts: cost.parts.slice(1) })),
    'gives finite numbers ≥ 0, and parts that sum to the total',
  ],
  [
    'gives a negative part',
    () => honest((cost) => withPart(cost, -1)),
    'gives finite numbers ≥ 0, and parts that sum to the total',
  ],
  [
    'gives what is no number',
    () => honest((cost) => ({ ...cost, dramBytes: Number.NaN })),
    'gives finite numbers ≥ 0, and parts that sum to the total',
  ],
  [
    'is cheaper with denser weights',
    () => honest((cost, work) => scaled(cost, 2 - work.weightDensity)),
    'takes no less energy with more weightDensity',
  ],
  [
    'falls off a cliff at full density',
    () => honest((cost, work) => scaled(cost, work.weightDensity === 1 ? 0.5 : 1)),
    'takes no less energy with more weightDensity',
  ],
  [
    'is cheaper with denser inputs',
    () => honest((cost, work) => scaled(cost, 3 - 2.9 * work.inputDensity)),
    'takes no less energy with more inputDensity',
  ],
  [
    'loves wide weights',
    () => honest((cost, work) => scaled(cost, 1 / work.weightBits)),
    'takes no less energy with more weightBits',
  ],
  [
    'loves wide inputs',
    () => honest((cost, work) => scaled(cost, work.activationBits ** -2)),
    'takes no less energy with more activationBits',
  ],
  [
    'takes a batch for one',
    () =>
      costing(
        (cost) => cost,
        (work) => ({ ...work, batch: Math.min(1, work.batch) }),
      ),
    'takes more energy for a larger batch',
  ],
  [
    'prices any layer',
    () =>
      costing(
        (cost) => cost,
        (work) => ({ ...work, weightDensity: Math.min(1, work.weightDensity) }),
      ),
    'refuses impossible layers, naming them',
  ],
  ['refuses without a name', unnamed, 'refuses impossible layers, naming them'],
  ['remembers', remembering, 'repeats itself, and leaves the work as it was'],
  ['writes into the work', () => costing((cost) => cost, vandal), 'repeats itself, and leaves the work as it was'],
  [
    'has no sources',
    () => ({ ...honest(), source: '' }),
    'says its name, its sources, and what its constants are worth',
  ],
  [
    'rests on nothing',
    () => ({ ...honest(), constants: [] }),
    'says its name, its sources, and what its constants are worth',
  ],
])('a chip that %s is caught', async (_, make, promise) => {
  expect(await brokenPromises(hardwareContract(make))).toContain(promise);
});

test('only what is broken is told', async () => {
  const hidden = () => honest((cost) => ({ ...cost, parts: cost.parts.slice(1) }));
  expect(await brokenPromises(hardwareContract(hidden))).toEqual([
    'gives finite numbers ≥ 0, and parts that sum to the total',
  ]);
});

/** Changes what comes out, and what goes in, of every workload: empty ones too. */
function costing(change: (cost: Cost) => Cost, before: (work: Workload) => Workload = (work) => work): HardwareModel {
  const model = honest();
  return { ...model, cost: (work) => change(model.cost(before(work))) };
}

function unnamed(): HardwareModel {
  const model = honest();
  return {
    ...model,
    cost(work) {
      try {
        return model.cost(work);
      } catch {
        throw new RangeError('honest: no');
      }
    },
  };
}

function remembering(): HardwareModel {
  let calls = 0;
  return honest((cost) => scaled(cost, 1 + 1e-3 * (calls++ % 2)));
}

function vandal(work: Workload): Workload {
  (work.layer.outputShape as number[]).push(1);
  (work.layer.outputShape as number[]).pop();
  (work as { batch: number }).batch += 0;
  (work as { notes?: string }).notes = 'was here';
  return work;
}

function withPart(cost: Cost, energyPj: number): Cost {
  const part = { action: 'bit', data: 'other', level: 'dram', count: 1, energyPj } as const;
  return { ...cost, energyPj: cost.energyPj + energyPj, parts: [...cost.parts, part] };
}
