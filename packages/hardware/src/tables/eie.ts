import type { HardwareConstant } from '@pare/core';

const TABLE_2 = 'Han et al. 2016 (EIE), table II: one element, TSMC 45 nm, 800 MHz';
const milliwatts = (name: string, value: number): HardwareConstant => ({
  name,
  value: 1000 * value, // 1 mW for 1 µs is 1 nJ
  unit: 'pJ per element and µs',
  status: 'published',
  source: TABLE_2,
});

/**
 * Power of a processing element by module, as energy of a microsecond. With 64 elements they sum to 0.586 W; `rest` makes it the 0.59 W
 * that the paper computes with.
 */
export const EIE_POWER: readonly HardwareConstant[] = [
  milliwatts('spmat.us', 4.955),
  milliwatts('pointer.us', 1.807),
  milliwatts('arithmetic.us', 1.162),
  milliwatts('activation.us', 1.122),
  milliwatts('queue.us', 0.112),
  {
    name: 'rest.us',
    value: 1000 * (590 / 64 - (4.955 + 1.807 + 1.162 + 1.122 + 0.112)),
    unit: 'pJ per element and µs',
    status: 'published',
    source: 'Han et al. 2016 (EIE), table V: 0.59 W, less the modules of table II',
  },
];

const derived = (name: string, value: number, unit: string): HardwareConstant => ({
  name,
  value,
  unit,
  status: 'fitted',
  source:
    'derived: power by module (EIE, table II) over the counts of fc8 of AlexNet in 9.9075 µs; holds clock and leakage',
});

/** Energy of what is done instead of time: derived, not published. */
export const EIE_ACTIVITY: readonly HardwareConstant[] = [
  derived('spmat.line', 31.1, 'pJ per line of 64 bits'),
  derived('pointer.pair', 10.2, 'pJ per pair of pointers'),
  derived('mac', 1.62, 'pJ per entry'),
  derived('activation.access', 1.57, 'pJ per entry: read and write of an accumulator'),
  derived('queue.item', 0.63, 'pJ per activation and element'),
];
