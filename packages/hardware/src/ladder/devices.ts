import type { HardwareConstant } from '@pare/core';
import { MEMORY_ENERGIES, OPERATION_ENERGIES, type OperationEnergy, operationEnergy } from '../tables/horowitz.ts';

/** How fast weights of one format come: bytes ÷ (efficiency · peak bandwidth) + overhead. */
export interface FormatSpeed {
  /** Share of the peak bandwidth that is reached. */
  readonly efficiency: number;
  readonly overheadUs: number;
}

/** A device as a roofline. This is all that a new one needs: pass it to `deviceModel`. */
export interface Device {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  /** Bits of its numbers. */
  readonly bits: number;
  readonly watts: HardwareConstant;
  /** Of the memory that holds the weights, GB/s. */
  readonly bandwidth: HardwareConstant;
  /** 10⁹ multiply-accumulates a second. */
  readonly peak: HardwareConstant;
  /** Share of the peak that a library reaches. */
  readonly peakShare: HardwareConstant;
  readonly dense: FormatSpeed;
  /** Compressed rows: a number and an index of 32 bits for each weight. Absent where the device cannot. */
  readonly sparse?: FormatSpeed;
  /** Where the numbers of `dense` and `sparse` come from. */
  readonly fit: Pick<HardwareConstant, 'status' | 'source'>;
  /** pJ for each byte of weights, each byte of maps, each multiplication and each addition of `bits` bits. */
  readonly energies: readonly HardwareConstant[];
  /** Bytes of weights on the chip; absent where weights and maps come from DRAM. */
  readonly onChipBytes?: number;
}

const constant = (
  name: string,
  value: number,
  unit: string,
  status: HardwareConstant['status'],
  source: string,
): HardwareConstant => ({ name, value, unit, status, source });

const TABLE_5 = 'Han et al. 2016 (EIE), table V';
const FITTED = {
  status: 'fitted',
  source: 'two numbers for each format through the nine batch-1 times of Han et al. 2016 (EIE), table IV',
} as const;
const HALF = constant('peak share', 0.5, '', 'assumed', 'what convolutions of a good library reach');
const DRAM_BYTE = MEMORY_ENERGIES.at(-1)!.picojoules / 8;

/** An operation's energy: published where Horowitz's chart has these bits, else assumed. */
function operation(name: 'multiply' | 'add', kind: 'float' | 'int', bits: number): HardwareConstant {
  const asked: OperationEnergy['operation'] = `${kind} ${name}`;
  const charted = OPERATION_ENERGIES.find((row) => row.operation === asked && row.bits === bits);
  const source = `Horowitz 2014: ${asked}, ${bits} bits${charted ? '' : ', between those of its chart'}`;
  return constant(name, operationEnergy(asked, bits), 'pJ', charted?.status ?? 'assumed', source);
}

/** Energies of Horowitz's chart, taken to hold whatever the process. */
const chart = (kind: 'float' | 'int', bits: number): readonly HardwareConstant[] => [
  ...['weights.byte', 'maps.byte'].map((name) =>
    constant(name, DRAM_BYTE, 'pJ', 'published', 'Horowitz 2014: DRAM, 64 bits, the lower end of 1300 to 2600 pJ'),
  ),
  operation('multiply', kind, bits),
  operation('add', kind, bits),
];

export const CPU: Device = {
  name: 'cpu',
  title: 'CPU, Core i7-5930K',
  source: 'Han et al. 2016 (EIE), tables IV and V',
  bits: 32,
  watts: constant('power', 73, 'W', 'published', TABLE_5),
  bandwidth: constant('bandwidth', 68, 'GB/s', 'published', 'Intel: four channels of DDR4-2133'),
  peak: constant('peak', 336, 'GMAC/s', 'assumed', 'six cores at 3.5 GHz, two vectors of eight a cycle'),
  peakShare: HALF,
  dense: { efficiency: 0.231, overheadUs: 0 },
  sparse: { efficiency: 0.139, overheadUs: 16 },
  fit: FITTED,
  energies: chart('float', 32),
};

export const GPU: Device = {
  name: 'gpu',
  title: 'GPU, GeForce Titan X',
  source: 'Han et al. 2016 (EIE), tables IV and V',
  bits: 32,
  watts: constant('power', 159, 'W', 'published', TABLE_5),
  bandwidth: constant('bandwidth', 336.5, 'GB/s', 'published', 'NVIDIA: GDDR5 of 384 bits'),
  peak: constant('peak', 3072, 'GMAC/s', 'assumed', '3072 cores at 1.0 GHz'),
  peakShare: HALF,
  dense: { efficiency: 0.922, overheadUs: 27 },
  sparse: { efficiency: 0.616, overheadUs: 8 },
  fit: FITTED,
  energies: chart('float', 32),
};

export const MGPU: Device = {
  name: 'mgpu',
  title: 'mobile GPU, Tegra K1',
  source: 'Han et al. 2016 (EIE), tables IV and V',
  bits: 32,
  watts: constant('power', 5.1, 'W', 'published', TABLE_5),
  bandwidth: constant('bandwidth', 14.9, 'GB/s', 'published', 'NVIDIA: LPDDR3 of 64 bits'),
  peak: constant('peak', 163.6, 'GMAC/s', 'assumed', '192 cores at 0.852 GHz'),
  peakShare: HALF,
  dense: { efficiency: 0.855, overheadUs: 571 },
  sparse: { efficiency: 0.648, overheadUs: 66 },
  fit: FITTED,
  energies: chart('float', 32),
};

export const FPGA: Device = {
  name: 'fpga',
  title: 'FPGA, A-Eye',
  source: 'Han et al. 2016 (EIE), table V',
  bits: 16,
  watts: constant('power', 9.63, 'W', 'published', TABLE_5),
  bandwidth: constant('bandwidth', 4.2, 'GB/s', 'assumed', 'DDR3 of its board; from memory'),
  peak: constant('peak', 93.9, 'GMAC/s', 'assumed', 'convolutions of VGG-16 on it, 187.8 GOP/s; from memory'),
  peakShare: constant('peak share', 1, '', 'assumed', 'the peak is what was reached'),
  dense: { efficiency: (33 * 4096 * 4096 * 2) / 4.2e9, overheadUs: 0 },
  fit: {
    status: 'fitted',
    source: 'one number through one point: 33 products with fc7 of AlexNet a second (EIE, table V)',
  },
  energies: chart('int', 16),
};

export const ASIC: Device = {
  name: 'asic',
  title: 'dedicated chip, DaDianNao',
  source: 'Han et al. 2016 (EIE), table V',
  bits: 16,
  watts: constant('power', 15.97, 'W', 'published', TABLE_5),
  bandwidth: constant(
    'bandwidth',
    4964,
    'GB/s',
    'published',
    'EIE, table V: peak of its eDRAM, from which its speed there follows',
  ),
  peak: constant('peak', 2790, 'GMAC/s', 'assumed', 'DaDianNao: 5.58 TOP/s; from memory'),
  peakShare: constant('peak share', 1, '', 'assumed', 'its speed in table V is a peak as well'),
  dense: { efficiency: 1, overheadUs: 0 },
  fit: { status: 'published', source: 'EIE, table V: estimated there from the peak bandwidth' },
  energies: [
    constant('weights.byte', 1.2, 'pJ', 'assumed', '38 % of its power for eDRAM, over its bandwidth; from memory'),
    constant('maps.byte', 1.2, 'pJ', 'assumed', 'as weights'),
    operation('multiply', 'int', 16),
    operation('add', 'int', 16),
  ],
  onChipBytes: 36_000_000,
};
