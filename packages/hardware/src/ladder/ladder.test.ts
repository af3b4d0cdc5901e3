import { describe, expect, test } from 'vitest';
import { fullyConnected } from '../../test/layers.ts';
import { EIE_BENCHMARKS, EIE_MEANS, EIE_PLATFORMS, EIE_TIMES, EIE_WATTS } from '../published.ts';
import { asic, cpu, fpga, gpu, mgpu } from './roofline.ts';

const models = { CPU: cpu(), GPU: gpu(), mGPU: mgpu() } as const;

describe('batch 1 of the nine benchmark layers', () => {
  // Mean absolute errors of the fits, and two points more.
  test.each([
    ['CPU', 'dense', 0.23],
    ['CPU', 'sparse', 0.06],
    ['GPU', 'dense', 0.06],
    ['GPU', 'sparse', 0.08],
    ['mGPU', 'dense', 0.13],
    ['mGPU', 'sparse', 0.08],
  ] as const)('%s %s: mean error within %d and two points', (device, matrix, expected) => {
    const times = EIE_TIMES.find((row) => row.device === device && row.matrix === matrix && row.batch === 1)!;
    const errors = EIE_BENCHMARKS.map(({ name, columns, rows, weightDensity }, i) => {
      const work = fullyConnected(name, columns, rows, {
        weightBits: 32,
        activationBits: 32,
        weightDensity: matrix === 'dense' ? 1 : weightDensity,
      });
      const { latencyUs, notes } = models[device].cost(work);
      expect(notes[0]).toContain(`weights ${matrix}`);
      return Math.abs(latencyUs / times.us[i]! - 1);
    });
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(expected + 0.02);
  });

  test('energy is power times time, whatever it is spent for', () => {
    const work = fullyConnected('fc7', 4096, 4096, { weightBits: 32, activationBits: 32 });
    for (const [device, model] of Object.entries(models)) {
      const { energyPj, latencyUs } = model.cost(work);
      expect(energyPj / latencyUs / 1e6).toBeCloseTo(EIE_WATTS[device as keyof typeof models], 9);
    }
  });
});

test('every number of a device is among its constants, with what it is worth', () => {
  const worth = (model: ReturnType<typeof cpu>) =>
    Object.fromEntries(model.constants.map(({ name, status, value }) => [name, `${status} ${value}`]));
  expect(worth(gpu())).toMatchObject({ 'dense overhead': 'fitted 27', 'sparse overhead': 'fitted 8' });
  // Horowitz's chart has no multiplication of 16-bit integers: 3.1 pJ of 32 bits, by the square of the bits.
  expect(worth(fpga())).toMatchObject({ multiply: 'assumed 0.775', add: 'published 0.05' });
  expect(worth(asic())).toMatchObject({ multiply: 'assumed 0.775', add: 'published 0.05' });
});

test('energy is told by what it is for and where: inputs and outputs apart, a chip’s own memory not as DRAM', () => {
  const work = fullyConnected('fc', 2000, 1000, { batch: 3 });
  const bytes = (model: ReturnType<typeof cpu>, level: string) =>
    Object.fromEntries(
      model
        .cost(work)
        .parts.filter((part) => part.level === level)
        .map(({ data, count }) => [data, count]),
    );
  const expected = { weights: 2 * 2e6, inputs: 2 * 3 * 2000, outputs: 2 * 3 * 1000 };
  expect(bytes(cpu(), 'dram')).toEqual(expected);
  expect(cpu().cost(work).dramBytes).toBe(4e6 + 2 * 3 * 3000);
  expect(bytes(asic(), 'buffer')).toEqual(expected);
  expect([bytes(asic(), 'dram'), asic().cost(work).dramBytes]).toEqual([{}, 0]);
});

test('the dedicated chip and the FPGA do fc7 as often a second as table V has', () => {
  const work = fullyConnected('fc7', 4096, 4096);
  for (const [model, name] of [
    [fpga(), 'A-Eye'],
    [asic(), 'DaDianNao'],
  ] as const) {
    const { framesPerSecond, framesPerJoule } = EIE_PLATFORMS.find((platform) => platform.name === name)!;
    const { latencyUs, energyPj } = model.cost(work);
    expect(1e6 / latencyUs / framesPerSecond, name).toBeCloseTo(1, 2);
    expect(1e12 / energyPj / framesPerJoule, name).toBeCloseTo(1, 2);
  }
});

describe('published means of EIE', () => {
  const mean = (values: readonly number[]) => Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);
  const speedup = (device: string) => {
    const { us } = EIE_TIMES.find((row) => row.device === device && row.matrix === 'dense' && row.batch === 1)!;
    return mean(us.map((time, i) => time / EIE_BENCHMARKS[i]!.actualUs));
  };

  test.each([
    ['CPU', 193.95, 23_997],
    ['GPU', 13.19, 3553],
    ['mGPU', 314.3, 2717],
  ] as const)('%s: %d times the speed, %d times the energy', (device, times, energy) => {
    const found = speedup(device);
    const saved = (found * EIE_WATTS[device]) / EIE_WATTS.EIE;
    expect(found / times).toBeCloseTo(1, 3);
    expect(saved / energy).toBeCloseTo(1, 3);
    expect(Math.abs(found / EIE_MEANS[device].speedup - 1)).toBeLessThan(0.03);
    expect(Math.abs(saved / EIE_MEANS[device].energy - 1)).toBeLessThan(0.05);
  });

  test('table V follows from table IV', () => {
    const platform = (name: string) => EIE_PLATFORMS.find((each) => each.name === name)!;
    expect(Math.round(1e6 / 12.2)).toBe(platform('EIE, 64 PE').framesPerSecond);
    expect(Math.abs(1e6 / 12.2 / 0.59 / platform('EIE, 64 PE').framesPerJoule - 1)).toBeLessThan(1e-4);
    expect(Math.round(1e6 / 6187.1)).toBe(platform('Core-i7 5930K').framesPerSecond);
    expect(Math.round(1e6 / 243)).toBe(platform('GeForce Titan X').framesPerSecond);
    expect(Math.round(1e6 / 5765)).toBe(platform('Tegra K1').framesPerSecond);
  });
});
