import type { HardwareModel, Workload } from '@pare/core';
import { type Action, costOf, NOTHING, price, tableOf } from '../actions.ts';
import { type Geometry, geometryOf } from '../geometry.ts';
import { ASIC, CPU, type Device, type FormatSpeed, FPGA, GPU, MGPU } from './devices.ts';

/** What a layer takes of a device, in one format of its weights. */
interface Use {
  readonly format: 'dense' | 'sparse';
  readonly speed: FormatSpeed;
  readonly weightBytes: number;
  /** Of one example. */
  readonly mapBytes: number;
  /** Of one example. */
  readonly macs: number;
}

/**
 * Makes a model of a device: a roofline with energy for each byte and each operation.
 *
 *     t(1) = max(bytes ÷ (efficiency · bandwidth), macs ÷ (share · peak)) + overhead
 *     t(N) = t(1) + bound(N) − bound(1),    bound(N) = max(bytes ÷ bandwidth, macs ÷ peak) of the batch
 *
 * Weights go dense or sparse, whichever is faster. Further examples of a batch take what the peaks allow and no more: a bound from
 * below. Energy is power · t, split into what bytes and operations take, and the rest.
 *
 * @example
 * deviceModel({ ...cpuData(), name: 'mine' }).name // 'mine'
 */
export function deviceModel(device: Device): HardwareModel {
  const { name, title, source, bits, watts, bandwidth, peak, peakShare, dense, sparse, fit, energies } = device;
  const table = { ...tableOf(energies), 'rest.pJ': 1 };
  const number = (what: string, value: number) => ({ name: what, value, unit: '', ...fit });
  return {
    name,
    title,
    source,
    bits: { weights: bits, activations: bits },
    constants: [
      watts,
      bandwidth,
      peak,
      peakShare,
      number('dense efficiency', dense.efficiency),
      ...(sparse ? [number('sparse efficiency', sparse.efficiency)] : []),
      ...energies,
    ],
    cost(work) {
      const geometry = geometryOf(work);
      if (!geometry) return NOTHING;
      const uses = usesOf(work, geometry, device);
      const use = uses.reduce((best, each) => (firstUs(each, device) < firstUs(best, device) ? each : best));
      const { weightBytes, mapBytes, format } = use;
      const { batch } = work;
      const latencyUs = firstUs(use, device) + boundUs(use, device, batch) - boundUs(use, device, 1);
      const scale = [work.weightBits / bits, work.activationBits / bits] as const;
      const spent = price(work.layer.name, actionsOf(use, batch, scale), table);
      const known = spent.reduce((sum, { energyPj }) => sum + energyPj, 0);
      const rest: Action = {
        action: 'rest.pJ',
        data: 'other',
        level: 'rest',
        count: Math.max(0, watts.value * latencyUs * 1e6 - known),
      };
      const onChip = device.onChipBytes ?? 0;
      return costOf([...spent, ...price(work.layer.name, [rest], table)], {
        latencyUs,
        dramBytes: mapBytes * batch + (onChip === 0 ? weightBytes : 0),
        notes: [
          `weights ${format}; at its peaks ${boundUs(use, device, batch).toPrecision(3)} µs`,
          ...(format === 'sparse' && geometry.E * geometry.F > 1
            ? ['sparse convolutions are taken to reach the same share of the peak as dense ones: optimistic']
            : []),
          ...(batch > 1 ? ['beyond the first example only the peaks are counted: a bound from below'] : []),
          ...(onChip > 0 && weightBytes > onChip ? [`weights take ${Math.ceil(weightBytes / onChip)} chips`] : []),
        ],
      });
    },
  };
}

/** The CPU of EIE's comparison. */
export const cpu = (): HardwareModel => deviceModel(CPU);
/** The GPU of EIE's comparison. */
export const gpu = (): HardwareModel => deviceModel(GPU);
/** The mobile GPU of EIE's comparison. */
export const mgpu = (): HardwareModel => deviceModel(MGPU);
/** The FPGA of EIE's comparison: one published point. */
export const fpga = (): HardwareModel => deviceModel(FPGA);
/** The dedicated chip of EIE's comparison that does without compression. */
export const asic = (): HardwareModel => deviceModel(ASIC);

function usesOf(work: Workload, { M, macs, weights, inputs, outputs }: Geometry, device: Device): readonly Use[] {
  const { weightDensity, weightBits, activationBits } = work;
  const mapBytes = ((inputs + outputs) * activationBits) / 8;
  const dense: Use = {
    format: 'dense',
    speed: device.dense,
    weightBytes: (weights * weightBits) / 8,
    mapBytes,
    macs,
  };
  if (!device.sparse) return [dense];
  // Compressed rows: a number and 32 bits of column for each weight, 32 bits of pointer for each row.
  const weightBytes = (weightBits / 8 + 4) * weights * weightDensity + 4 * M;
  return [dense, { format: 'sparse', speed: device.sparse, weightBytes, mapBytes, macs: macs * weightDensity }];
}

// 1 GB/s is 1000 bytes a µs, 1 GMAC/s 1000 multiply-accumulates a µs.
function firstUs({ speed, weightBytes, mapBytes, macs }: Use, { bandwidth, peak, peakShare }: Device): number {
  const memory = (weightBytes + mapBytes) / (1000 * speed.efficiency * bandwidth.value);
  return Math.max(memory, macs / (1000 * peakShare.value * peak.value)) + speed.overheadUs;
}

function boundUs({ weightBytes, mapBytes, macs }: Use, { bandwidth, peak }: Device, batch: number): number {
  const memory = (weightBytes + mapBytes * batch) / (1000 * bandwidth.value);
  return Math.max(memory, (macs * batch) / (1000 * peak.value));
}

const actionsOf = (
  { weightBytes, mapBytes, macs }: Use,
  batch: number,
  [weight, activation]: readonly [number, number],
): readonly Action[] => [
  { action: 'weights.byte', data: 'weights', level: 'dram', count: weightBytes },
  { action: 'maps.byte', data: 'outputs', level: 'dram', count: mapBytes * batch },
  { action: 'multiply', data: 'computation', level: 'alu', count: macs * batch * weight * activation },
  { action: 'add', data: 'computation', level: 'alu', count: macs * batch * activation },
];

/** The CPU's data, to make another device of. */
export const cpuData = (): Device => CPU;
