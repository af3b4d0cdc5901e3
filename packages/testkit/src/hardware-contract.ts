import type { Cost, CostData, HardwareModel, Workload } from '@pare/core';
import fc from 'fast-check';
import { type ContractCase, demand, describeContract } from './contract.ts';
import { difference } from './same.ts';

export interface HardwareContractOptions {
  /** Workloads of your own beside the random ones. */
  readonly workloads?: readonly Workload[];
  /** Of the chance in the checks; default 1. */
  readonly seed?: number;
  /** Random layers for each promise; default 40. */
  readonly runs?: number;
}

/** Registers the contract of hardware models with vitest. */
export function describeHardware(
  name: string,
  makeModel: () => HardwareModel,
  options: HardwareContractOptions = {},
): void {
  describeContract(`hardware ${name}`, hardwareContract(makeModel, options));
}

const DATA: readonly CostData[] = ['weights', 'inputs', 'outputs', 'computation', 'other'];
const STATUS = ['published', 'measured', 'fitted', 'assumed'];
/** Sums of thousands of doubles in another order differ in their last digits. */
const HAIR = 1e-9;

/** The contract of hardware models, as plain functions. */
export function hardwareContract(
  makeModel: () => HardwareModel,
  { workloads = [], seed = 1, runs = 40 }: HardwareContractOptions = {},
): readonly ContractCase[] {
  /** Tries workloads of the caller and random ones. */
  const onWork = (check: (work: Workload, model: HardwareModel) => void): void => {
    const model = makeModel();
    for (const work of workloads) check(work, model);
    fc.assert(
      fc.property(layers, (work) => check(work, model)),
      { seed, numRuns: runs },
    );
  };
  const energies = (cost: Cost): string => `${cost.energyPj} pJ, ${cost.latencyUs} µs`;
  /** More of something takes no less energy. A model that chooses by energy may trade time for it, so that time is not looked at. */
  const noCheaper = (what: string, less: Workload, more: Workload, model: HardwareModel): void => {
    const [before, after] = [model.cost(less).energyPj, model.cost(more).energyPj];
    demand(
      after >= before * (1 - HAIR),
      () => `${labelOf(less)}: more ${what}: energy fell from ${before} to ${after} pJ`,
    );
  };
  const grows = (what: keyof Workload, pairs: readonly (readonly [number, number])[]): ContractCase => ({
    name: `takes no less energy with more ${what}`,
    check: () =>
      onWork((work, model) => {
        for (const [less, more] of pairs) noCheaper(what, { ...work, [what]: less }, { ...work, [what]: more }, model);
      }),
  });
  const nothing = (work: Workload, model: HardwareModel, why: string): void => {
    const cost = model.cost(work);
    const found = cost.energyPj === 0 && cost.latencyUs === 0 && cost.dramBytes === 0;
    demand(found, () => `${labelOf(work)}: ${why} costs ${energies(cost)}`);
  };

  return [
    {
      name: 'says its name, its sources, and what its constants are worth',
      check() {
        const { name, title, source, constants } = makeModel();
        demand(/^[a-z0-9][a-z0-9-]*$/.test(name), () => `"name" expected like my-chip, got ${name}`);
        demand(title.length > 0 && source.length > 0, () => 'a model needs a title and a source');
        demand(constants.length > 0, () => 'a model rests on at least one constant');
        for (const { name: constant, value, status, source: from } of constants) {
          demand(Number.isFinite(value), () => `constant "${constant}" is ${value}`);
          demand(STATUS.includes(status) && from.length > 0, () => `constant "${constant}" has no status or source`);
        }
      },
    },
    {
      name: 'costs nothing where there is no work',
      check: () =>
        onWork((work, model) => {
          nothing({ ...work, batch: 0 }, model, 'a batch of none');
          nothing({ ...work, weightDensity: 0 }, model, 'a kernel of zeros');
          const { name, inputs, outputShape } = work.layer;
          nothing({ ...work, layer: { kind: 'relu', name, inputs, outputShape } }, model, 'a layer without a kernel');
        }),
    },
    {
      name: 'costs something where there is work',
      check: () =>
        onWork((work, model) => {
          const { energyPj, latencyUs } = model.cost({ ...work, weightDensity: 1, inputDensity: 1, batch: 1 });
          demand(energyPj > 0 && latencyUs > 0, () => `${labelOf(work)}: ${energyPj} pJ, ${latencyUs} µs`);
        }),
    },
    {
      name: 'gives finite numbers ≥ 0, and parts that sum to the total',
      check: () =>
        onWork((work, model) => {
          const { energyPj, latencyUs, dramBytes, parts } = model.cost(work);
          for (const number of [
            energyPj,
            latencyUs,
            dramBytes,
            ...parts.flatMap((part) => [part.energyPj, part.count]),
          ]) {
            demand(number >= 0 && Number.isFinite(number), () => `${labelOf(work)}: a number is ${number}`);
          }
          const wrong = parts.find(({ data, level, action }) => !DATA.includes(data) || level === '' || action === '');
          demand(
            wrong === undefined,
            () => `${labelOf(work)}: a part without data, level or action: ${JSON.stringify(wrong)}`,
          );
          const sum = parts.reduce((total, part) => total + part.energyPj, 0);
          demand(
            Math.abs(sum - energyPj) <= HAIR * energyPj,
            () => `${labelOf(work)}: parts sum to ${sum} pJ, not ${energyPj}`,
          );
        }),
    },
    {
      name: 'repeats itself, and leaves the work as it was',
      check: () =>
        onWork((work, model) => {
          const before = structuredClone(work);
          const first = structuredClone(model.cost(work));
          const differs =
            difference(first, model.cost(work), 'cost') ??
            difference(first, makeModel().cost(structuredClone(work)), 'cost of another instance') ??
            difference(before, work, 'work');
          demand(differs === undefined, () => `${labelOf(work)}: ${differs}`);
        }),
    },
    grows('weightDensity', [
      [0, 0.01],
      [0.01, 0.1],
      [0.1, 0.5],
      [0.5, 0.99],
      [0.99, 1],
    ]),
    grows('inputDensity', [
      [0, 0.1],
      [0.1, 0.6],
      [0.6, 1],
    ]),
    grows('weightBits', [
      [1, 4],
      [4, 8],
      [8, 16],
      [16, 32],
    ]),
    grows('activationBits', [
      [1, 8],
      [8, 16],
      [16, 32],
    ]),
    {
      name: 'takes more energy for a larger batch',
      check: () =>
        onWork((work, model) => {
          const batches = [1, 2, 3, 5, 16, 17, 48];
          const full: Workload = { ...work, weightDensity: 1, inputDensity: 1 };
          for (const [i, batch] of batches.entries()) {
            const next = batches[i + 1];
            if (next === undefined) continue;
            noCheaper('batch', { ...work, batch }, { ...work, batch: next }, model);
            const [less, more] = [model.cost({ ...full, batch }), model.cost({ ...full, batch: next })];
            demand(
              more.energyPj > less.energyPj,
              () => `${labelOf(work)}: a batch of ${next} takes ${more.energyPj} pJ, one of ${batch} ${less.energyPj}`,
            );
          }
        }),
    },
    {
      name: 'refuses impossible layers, naming them',
      check: () =>
        onWork((work, model) => {
          for (const [what, impossible] of impossibleOf(work)) {
            let thrown: unknown;
            try {
              model.cost(impossible);
            } catch (error) {
              thrown = error;
            }
            demand(
              thrown instanceof RangeError && thrown.message.includes(`"${work.layer.name}"`),
              () => `${labelOf(work)} with ${what}: expected a RangeError that names it, got ${thrown ?? 'a cost'}`,
            );
          }
        }),
    },
  ];
}

function* impossibleOf(work: Workload): Generator<readonly [string, Workload]> {
  yield ['a density of 1.5', { ...work, weightDensity: 1.5 }];
  yield ['an input density of NaN', { ...work, inputDensity: Number.NaN }];
  yield ['weights of −1 bits', { ...work, weightBits: -1 }];
  yield ['half an example', { ...work, batch: 0.5 }];
  yield ['an empty input', { ...work, inputShape: work.inputShape.map(() => 0) }];
  const { layer } = work;
  yield [
    'another output',
    { ...work, layer: { ...layer, outputShape: layer.outputShape.map((extent) => extent + 1) } },
  ];
  if (layer.kind !== 'conv2d') return;
  yield ['a filter larger than its map', { ...work, layer: { ...layer, kernelSize: [999, 999] } }];
  yield ['a stride of zero', { ...work, layer: { ...layer, stride: [0, 0] } }];
  yield ['groups that do not divide', { ...work, layer: { ...layer, groups: layer.filters + 1 } }];
}

const labelOf = ({ layer, inputShape, batch, weightDensity, inputDensity }: Workload): string =>
  `${layer.kind} "${layer.name}" of [${inputShape}] → [${layer.outputShape}], batch ${batch}, densities ${weightDensity} and ${inputDensity}`;

const density = fc.double({ min: 0.001, max: 1, noNaN: true });
const conditions = fc.record({
  batch: fc.integer({ min: 1, max: 20 }),
  weightDensity: density,
  weightBits: fc.constantFrom(2, 4, 8, 16, 32),
  inputDensity: density,
  outputDensity: density,
  activationBits: fc.constantFrom(8, 16, 32),
});

const dense: fc.Arbitrary<Workload> = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 200 }), conditions)
  .map(([channels, units, rest]) => ({
    layer: { kind: 'dense', name: 'fc', inputs: ['data'], outputShape: [units], kernel: 'fc/kernel', units },
    inputShape: [channels],
    ...rest,
  }));

const convolution: fc.Arbitrary<Workload> = fc
  .record({
    groups: fc.constantFrom(1, 1, 2),
    channels: fc.integer({ min: 1, max: 12 }),
    filters: fc.integer({ min: 1, max: 24 }),
    side: fc.integer({ min: 1, max: 30 }),
    kernelSize: fc.constantFrom(1, 2, 3, 5),
    stride: fc.integer({ min: 1, max: 3 }),
    padding: fc.integer({ min: 2, max: 3 }),
    rest: conditions,
  })
  .map(({ groups, channels, filters, side, kernelSize, stride, padding, rest }) => {
    const extent = Math.floor((side + 2 * padding - kernelSize) / stride) + 1;
    return {
      layer: {
        kind: 'conv2d',
        name: 'conv',
        inputs: ['data'],
        outputShape: [groups * filters, extent, extent],
        kernel: 'conv/kernel',
        filters: groups * filters,
        kernelSize: [kernelSize, kernelSize],
        stride: [stride, stride],
        padding: [padding, padding, padding, padding],
        groups,
      },
      inputShape: [groups * channels, side, side],
      ...rest,
    };
  });

const layers = fc.oneof(dense, convolution);
