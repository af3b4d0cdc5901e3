import type { HardwareConstant } from '@pare/core';

const ISCA = 'Chen, Emer, Sze 2016 (ISCA), table IV: energy of a 16-bit access over that of a 16-bit MAC, 65 nm';
const units = (name: string, value: number): HardwareConstant => ({
  name,
  value,
  unit: '16-bit MACs',
  status: 'published',
  source: ISCA,
});

/** Energy of the actions of a row-stationary chip, in multiples of a multiply-accumulate of 16 bits. */
export const ROW_STATIONARY_UNITS: readonly HardwareConstant[] = [
  units('mac', 1),
  units('register.word', 1),
  units('array.word', 2),
  units('buffer.word', 6),
  units('dram.word', 200),
];

/** Picojoules of a multiply-accumulate with its share of everything on the chip. */
export const PICOJOULES_PER_UNIT: HardwareConstant = {
  name: 'pJ per unit',
  value: 3.42,
  unit: 'pJ',
  status: 'fitted',
  source: 'one scale through power × latency of five layers of AlexNet on the chip (Chen et al. 2017, JSSC, table V)',
};

export const EYERISS_CLOCK: HardwareConstant = {
  name: 'clock',
  value: 200,
  unit: 'MHz',
  status: 'published',
  source: 'Chen et al. 2017 (JSSC), table V',
};

export const EYERISS_DRAM: HardwareConstant = {
  name: 'DRAM',
  value: 480,
  unit: 'MB/s',
  status: 'assumed',
  source: 'a link of 64 bits at 60 MHz; for latency alone',
};
