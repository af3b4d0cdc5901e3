import { describe, expect, test } from 'vitest';
import { alexnetConvolutions, convolution, fullyConnected } from '../../test/layers.ts';
import { CHIP_ALEXNET, CHIP_MAPPING, CHIP_OUTPUT_ZEROS } from '../published.ts';
import { runLengthRatio } from './energy.ts';
import { EYERISS } from './machine.ts';
import { eyeriss } from './model.ts';

const onChip = alexnetConvolutions((name) => ({
  batch: 4,
  inputDensity: 1 - CHIP_ALEXNET.find((layer) => layer.name === name)!.inputZeros,
  outputDensity: 1 - CHIP_OUTPUT_ZEROS[name]!,
}));
const chip = eyeriss({ gating: 'strict', mapping: ({ layer }) => CHIP_MAPPING[layer.name] });
const megabytes = (cost: ReturnType<typeof chip.cost>, level: string) =>
  (2 * cost.parts.filter((part) => part.level === level).reduce((sum, { count }) => sum + count, 0)) / 1e6;

describe('against the chip: AlexNet, batch 4', () => {
  test('words through the buffer are within 1 %, words from DRAM within 5 % of what it counted', () => {
    for (const [i, work] of onChip.entries()) {
      const { bufferMB, dramMB, name } = CHIP_ALEXNET[i]!;
      const cost = chip.cost(work);
      expect(Math.abs(megabytes(cost, 'buffer') / bufferMB - 1), `${name} buffer`).toBeLessThan(0.01);
      expect(Math.abs(megabytes(cost, 'dram') / dramMB - 1), `${name} DRAM`).toBeLessThan(0.05);
    }
  });

  test('elements at work are those of the chip', () => {
    for (const { name, activePes } of CHIP_ALEXNET) {
      const { e, r, t } = CHIP_MAPPING[name]!;
      const kernelSize = { conv1: 11, conv2: 5 }[name] ?? 3;
      expect(kernelSize * e * r * t, name).toBe(activePes);
    }
  });

  test('energy by layer is within 17 % with one scale, and 8 % with static power beside it', () => {
    const onChipUnits = onChip.map((work) => {
      const { parts } = chip.cost(work);
      return parts.filter(({ level }) => level !== 'dram').reduce((sum, { energyPj }) => sum + energyPj, 0) / 3.42;
    });
    const measured = CHIP_ALEXNET.map(({ milliwatts, latencyMs }) => milliwatts * latencyMs * 1e6); // pJ
    const errors = (energy: (units: number, ms: number) => number) =>
      CHIP_ALEXNET.map(({ latencyMs }, i) => energy(onChipUnits[i]!, latencyMs) / measured[i]! - 1);
    expect(Math.max(...errors((units) => 3.42 * units).map(Math.abs))).toBeLessThan(0.17);
    // 122 mW for so many ms are 122 · ms µJ
    expect(Math.max(...errors((units, ms) => 1.92 * units + 122 * ms * 1e6).map(Math.abs))).toBeLessThan(0.08);
    const total = onChipUnits.reduce((sum, units) => sum + 3.42 * units, 0);
    expect(total / measured.reduce((a, b) => a + b) - 1).toBeCloseTo(-0.02, 2);
  });
});

test('run-length coding pays below three quarters of values, and says so continuously down to nothing', () => {
  expect(runLengthRatio(1)).toBe(1);
  expect(runLengthRatio(0.75)).toBeCloseTo(1, 12);
  expect(runLengthRatio(0.3)).toBeCloseTo(0.4, 4);
  expect(runLengthRatio(0)).toBeCloseTo(1 / 24, 12); // an entry, a third of 64 bits, for each 32 zeros of 16 bits
  expect(runLengthRatio(1e-12)).toBeCloseTo(1 / 24, 6);
  expect(() => runLengthRatio(1.1)).toThrow(/"density" expected 0 … 1, got 1.1/);
});

test('a hand-made mapping that does not fit is refused, naming the layer', () => {
  const wide = eyeriss({ mapping: () => ({ m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 4 }) });
  expect(() => wide.cost(onChip[2]!)).toThrow(/layer "conv3": the mapping does not fit: R·e·r·t = 312 of 168 elements/);
});

test('a filter larger than the chip still has a mapping', () => {
  const work = convolution('huge', [1, 200, 200], { filters: 2, kernelSize: 190 });
  expect(eyeriss().cost(work).energyPj).toBeGreaterThan(0);
});

test('weights of a dense layer are read once for a group of images', () => {
  const dram = (batch: number) =>
    eyeriss()
      .cost(fullyConnected('fc', 4096, 4096, { batch }))
      .parts.find(({ level, data }) => level === 'dram' && data === 'weights')!.count;
  expect(dram(1)).toBe(4096 * 4096);
  expect(dram(16)).toBe(4096 * 4096);
});

test('known multiplications are taken instead of products of densities', () => {
  const work = fullyConnected('fc', 100, 10, { weightDensity: 0.5, inputDensity: 0.5 });
  const macs = (effectiveMacs?: number) =>
    eyeriss()
      .cost({ ...work, ...(effectiveMacs !== undefined && { effectiveMacs }) })
      .parts.find(({ action }) => action === 'mac')!.count;
  expect(macs()).toBe(250);
  expect(macs(123)).toBe(123);
});

// Of the buffer alone: the search tries few mappings, and those of a larger array are not all of those of a smaller one and more.
test('a larger buffer never costs more', () => {
  for (const work of onChip) {
    const base = eyeriss().cost(work).energyPj;
    const larger = eyeriss({ machine: { bufferWords: 2 * EYERISS.bufferWords } }).cost(work).energyPj;
    expect(larger, work.layer.name).toBeLessThanOrEqual(base);
  }
});

test('what cannot be built is refused, naming it', () => {
  expect(() => eyeriss({ machine: { peCount: 0 } })).toThrow(/"machine.peCount" expected a whole number ≥ 1, got 0/);
  expect(() => eyeriss({ picojoulesPerUnit: Number.NaN })).toThrow(
    /"picojoulesPerUnit" expected a number > 0, got NaN/,
  );
  // As from a file of settings: what TypeScript would not let through once counted as "strict".
  const settings = JSON.parse('{ "gating": "none" }') as Parameters<typeof eyeriss>[0];
  expect(() => eyeriss(settings)).toThrow(/"gating" expected one of psum-always, strict, skip, got "none"/);
});
