import type { HardwareModel, Workload } from '@pare/core';
import { costOf, type EnergyTable, NOTHING, price } from '../actions.ts';
import { type Geometry, geometryOf } from '../geometry.ts';
import { EYERISS_CLOCK, EYERISS_DRAM, PICOJOULES_PER_UNIT, ROW_STATIONARY_UNITS } from '../tables/eyeriss.ts';
import { GATINGS, type Gating, rowStationaryActions } from './energy.ts';
import { EYERISS, type Mapping, type RowStationaryMachine } from './machine.ts';
import { searchMapping } from './search.ts';
import { misfit, trafficOf } from './traffic.ts';

export interface EyerissOptions {
  /** What differs from Eyeriss. */
  readonly machine?: Partial<RowStationaryMachine>;
  /** Default `'psum-always'`. */
  readonly gating?: Gating;
  /** Chooses the mapping of a layer by hand; where it gives none, the search does. */
  readonly mapping?: (work: Workload) => Mapping | undefined;
  /** Picojoules of a 16-bit multiply-accumulate; default 3.42, fitted to the chip. */
  readonly picojoulesPerUnit?: number;
}

/**
 * A row-stationary chip: each layer is laid over the elements as it costs least, then every word is counted at every level
 * and priced in multiples of a 16-bit multiply-accumulate.
 *
 * Latency takes the elements in use to be busy in each cycle, as gated zeros save energy and not time, or the DRAM's link if that is slower.
 *
 * @throws RangeError naming an option that is out of range; from `cost`, naming the layer, if a mapping given by hand does not fit
 * @example
 * eyeriss().unit?.name // '16-bit MAC'
 * @see Chen, Emer, Sze 2016 (ISCA); Yang, Chen, Sze 2017 (CVPR), arXiv:1611.05128, section 2
 */
export function eyeriss(options: EyerissOptions = {}): HardwareModel {
  const { machine: differences, gating = 'psum-always', mapping: byHand, picojoulesPerUnit } = options;
  const machine = { ...EYERISS, ...differences };
  for (const [name, value] of Object.entries(machine)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`eyeriss: "machine.${name}" expected a whole number ≥ 1, got ${value}`);
    }
  }
  if (!GATINGS.includes(gating)) {
    throw new RangeError(`eyeriss: "gating" expected one of ${GATINGS.join(', ')}, got ${JSON.stringify(gating)}`);
  }
  const picojoules = picojoulesPerUnit ?? PICOJOULES_PER_UNIT.value;
  if (!(picojoules > 0 && picojoules < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`eyeriss: "picojoulesPerUnit" expected a number > 0, got ${picojoules}`);
  }
  const table: EnergyTable = Object.fromEntries(
    ROW_STATIONARY_UNITS.map(({ name, value }) => [name, value * picojoules]),
  );
  return {
    name: 'eyeriss',
    title: `Eyeriss-like row-stationary chip, ${machine.peCount} processing elements, gating "${gating}"`,
    source: 'Chen, Emer, Sze 2016 (ISCA); Yang, Chen, Sze 2017 (CVPR)',
    constants: [
      ...ROW_STATIONARY_UNITS,
      picojoulesPerUnit === undefined
        ? PICOJOULES_PER_UNIT
        : { ...PICOJOULES_PER_UNIT, value: picojoulesPerUnit, status: 'assumed', source: 'the caller' },
      EYERISS_CLOCK,
      EYERISS_DRAM,
    ],
    unit: { name: '16-bit MAC', picojoules },
    cost(work) {
      const geometry = geometryOf(work);
      if (!geometry) return NOTHING;
      const mapping = byHand?.(work) ?? searchMapping(geometry, work, machine, table, gating);
      if (byHand) checkMapping(geometry, mapping, machine);
      const traffic = trafficOf(geometry, mapping, work.batch);
      const actions = rowStationaryActions(traffic, work, gating);
      const parts = price(work.layer.name, actions, table);
      const dramBytes = 2 * actions.reduce((sum, { level, count }) => sum + (level === 'dram' ? count : 0), 0);
      const computeUs = traffic.macs / (Math.min(traffic.activePes, machine.peCount) * EYERISS_CLOCK.value);
      const { m, n, e, p, q, r, t } = mapping;
      return costOf(parts, {
        latencyUs: Math.max(computeUs, dramBytes / EYERISS_DRAM.value),
        dramBytes,
        notes: [`mapping m ${m}, n ${n}, e ${e}, p ${p}, q ${q}, r ${r}, t ${t}`],
      });
    },
  };
}

function checkMapping(geometry: Geometry, mapping: Mapping, machine: RowStationaryMachine): void {
  const why = misfit(geometry, mapping, machine);
  if (why) throw new RangeError(`eyeriss: layer "${geometry.name}": the mapping does not fit: ${why}`);
}
