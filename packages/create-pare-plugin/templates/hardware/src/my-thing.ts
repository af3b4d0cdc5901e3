import type { CostPart, HardwareConstant, HardwareModel } from '@pare/core';
import { geometryOf } from '@pare/hardware';

/** The numbers that the model rests on, each with where it is from: these are the ones to replace by your chip's. */
const READ: HardwareConstant = { name: 'dram.byte', value: 20, unit: 'pJ', status: 'assumed', source: 'an example' };
const MULTIPLY: HardwareConstant = { name: 'mac', value: 1, unit: 'pJ', status: 'assumed', source: 'an example' };
const BANDWIDTH: HardwareConstant = {
  name: 'bandwidth',
  value: 10,
  unit: 'GB/s',
  status: 'assumed',
  source: 'an example',
};
const PEAK: HardwareConstant = { name: 'peak', value: 100, unit: 'GMAC/s', status: 'assumed', source: 'an example' };

/**
 * A chip that reads every kept weight and every input once for each batch, and multiplies what is not zero.
 *
 * @example
 * myThing().name // 'my-thing'
 */
export const myThing = (): HardwareModel => ({
  name: 'my-thing',
  title: 'An example of a chip',
  source: 'pare-plugin-my-thing',
  constants: [READ, MULTIPLY, BANDWIDTH, PEAK],
  cost(work) {
    // Checks the workload, and gives the layer's counts; undefined where there is nothing to do.
    const geometry = geometryOf(work);
    if (!geometry) return { energyPj: 0, latencyUs: 0, dramBytes: 0, parts: [], notes: [] };
    const { batch, weightDensity, weightBits, inputDensity, activationBits } = work;
    const mapBytes = (numbers: number): number => (batch * numbers * activationBits) / 8;
    const macs = work.effectiveMacs ?? geometry.macs * weightDensity * inputDensity;
    const part = (
      data: CostPart['data'],
      level: string,
      count: number,
      { name, value }: HardwareConstant,
    ): CostPart => ({
      action: name,
      data,
      level,
      count,
      energyPj: count * value,
    });
    const parts = [
      part('weights', 'dram', (geometry.weights * weightDensity * weightBits) / 8, READ),
      part('inputs', 'dram', mapBytes(geometry.inputs), READ),
      part('outputs', 'dram', mapBytes(geometry.outputs), READ),
      part('computation', 'alu', batch * macs, MULTIPLY),
    ];
    const dramBytes = parts.reduce((sum, { level, count }) => sum + (level === 'dram' ? count : 0), 0);
    return {
      energyPj: parts.reduce((sum, { energyPj }) => sum + energyPj, 0),
      latencyUs: Math.max(dramBytes / (1e3 * BANDWIDTH.value), (batch * macs) / (1e3 * PEAK.value)),
      dramBytes,
      parts,
      notes: ['every number is read once for each batch: no cache is modelled'],
    };
  },
});
