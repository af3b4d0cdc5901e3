import type { HardwareConstant, HardwareModel, Workload } from '@pare/core';
import { type Action, costOf, NOTHING, price, tableOf } from '../actions.ts';
import { type Geometry, geometryOf } from '../geometry.ts';
import { ASIC, CPU, type Device, type FormatSpeed, FPGA, GPU, MGPU } from './devices.ts';

/** What a layer takes of a device, in one format of its weights. */
interface Use {
  readonly format: 'dense' | 'sparse';
  readonly speed: FormatSpeed;
  readonly weightBytes: number;
  /** Of one example, as are `outputBytes` and `macs`. */
  readonly inputBytes: number;
  readonly outputBytes: number;
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
  const speedOf = (format: string, { efficiency, overheadUs }: FormatSpeed): readonly HardwareConstant[] => [
    { name: `${format} efficiency`, value: efficiency, unit: 'of the bandwidth', ...fit },
    ...(overheadUs > 0 ? [{ name: `${format} overhead`, value: overheadUs, unit: 'µs', ...fit }] : []),
  ];
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
      ...speedOf('dense', dense),
      ...(sparse ? speedOf('sparse', sparse) : []),
      ...energies,
    ],
    cost(work) {
      const geometry = geometryOf(work);
      if (!geometry) return NOTHING;
      const uses = usesOf(work, geometry, device);
      const use = uses.reduce((best, each) => (firstUs(each, device) < firstUs(best, device) ? each : best));
      const { weightBytes, format } = use;
      const { batch } = work;
      const latencyUs = firstUs(use, device) + boundUs(use, device, batch) - boundUs(use, device, 1);
      const scale = [work.weightBits / bits, work.activationBits / bits] as const;
      const { onChipBytes = 0 } = device;
      const memory = onChipBytes > 0 ? 'buffer' : 'dram';
      const spent = price(work.layer.name, actionsOf(use, batch, scale, memory), table);
      const known = spent.reduce((sum, { energyPj }) => sum + energyPj, 0);
      const rest: Action = {
        action: 'rest.pJ',
        data: 'other',
        level: 'rest',
        count: Math.max(0, watts.value * latencyUs * 1e6 - known),
      };
      return costOf([...spent, ...price(work.layer.name, [rest], table)], {
        latencyUs,
        dramBytes: memory === 'dram' ? weightBytes + mapBytesOf(use) * batch : 0,
        notes: [
          `weights ${format}`,
          `at its peaks ${boundUs(use, device, batch).toPrecision(3)} µs`,
          ...(format === 'sparse' && geometry.E * geometry.F > 1
            ? ['sparse convolutions are taken to reach the same share of the peak as dense ones: optimistic']
            : []),
          ...(batch > 1 ? ['beyond the first example only the peaks are counted: a bound from below'] : []),
          ...(onChipBytes > 0 && weightBytes > onChipBytes
            ? [`weights take ${Math.ceil(weightBytes / onChipBytes)} chips`]
            : []),
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
  const maps = { inputBytes: (inputs * activationBits) / 8, outputBytes: (outputs * activationBits) / 8 };
  const dense: Use = { format: 'dense', speed: device.dense, weightBytes: (weights * weightBits) / 8, ...maps, macs };
  if (!device.sparse) return [dense];
  // Compressed rows: a number and 32 bits of column for each weight, 32 bits of pointer for each row.
  const weightBytes = (weightBits / 8 + 4) * weights * weightDensity + 4 * M;
  return [dense, { format: 'sparse', speed: device.sparse, weightBytes, ...maps, macs: macs * weightDensity }];
}

const mapBytesOf = ({ inputBytes, outputBytes }: Use): number => inputBytes + outputBytes;

// 1 GB/s is 1000 bytes a µs, 1 GMAC/s 1000 multiply-accumulates a µs.
function firstUs(use: Use, { bandwidth, peak, peakShare }: Device): number {
  const { speed, weightBytes, macs } = use;
  const memory = (weightBytes + mapBytesOf(use)) / (1000 * speed.efficiency * bandwidth.value);
  return Math.max(memory, macs / (1000 * peakShare.value * peak.value)) + speed.overheadUs;
}

function boundUs(use: Use, { bandwidth, peak }: Device, batch: number): number {
  const { weightBytes, macs } = use;
  const memory = (weightBytes + mapBytesOf(use) * batch) / (1000 * bandwidth.value);
  return Math.max(memory, (macs * batch) / (1000 * peak.value));
}

const actionsOf = (
  { weightBytes, inputBytes, outputBytes, macs }: Use,
  batch: number,
  [weight, activation]: readonly [number, number],
  memory: 'dram' | 'buffer',
): readonly Action[] => [
  { action: 'weights.byte', data: 'weights', level: memory, count: weightBytes },
  { action: 'maps.byte', data: 'inputs', level: memory, count: inputBytes * batch },
  { action: 'maps.byte', data: 'outputs', level: memory, count: outputBytes * batch },
  { action: 'multiply', data: 'computation', level: 'alu', count: macs * batch * weight * activation },
  { action: 'add', data: 'computation', level: 'alu', count: macs * batch * activation },
];

/** The CPU's data, to make another device of. */
export const cpuData = (): Device => CPU;
