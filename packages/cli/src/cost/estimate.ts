import type { HardwareConstant, HardwareModel, Workload } from '@pare/core';
import { energyBy, memoryBytes, type NetworkCost, networkCost } from '@pare/hardware';

/** One layer, priced. Energy in picojoules, for the whole batch. */
export interface LayerEstimate {
  readonly name: string;
  readonly weightDensity: number;
  readonly inputDensity: number;
  readonly energyPj: number;
  readonly latencyUs: number;
  readonly dramBytes: number;
  readonly byData: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** A network, priced. */
export interface Estimate extends Omit<NetworkCost, 'hardware' | 'layers'> {
  readonly memory: { readonly weights: number; readonly activations: number };
  readonly layers: readonly LayerEstimate[];
}

/** A network on one piece of hardware, as it would be without compression and as it is. */
export interface HardwareEstimate {
  readonly hardware: string;
  readonly title: string;
  readonly source: string;
  readonly constants: readonly HardwareConstant[];
  readonly unit: HardwareModel['unit'] | null;
  readonly bits: number;
  readonly before: Estimate;
  /** Null where there is only a topology. */
  readonly after: Estimate | null;
}

/**
 * Prices a network with all its weights, and with those it has.
 *
 * @param works - bits are those that are asked for, or 0: the hardware's own
 */
export function estimate(hardware: HardwareModel, works: readonly Workload[], compressed: boolean): HardwareEstimate {
  const { name, title, source, constants, unit, bits: own = { weights: 16, activations: 16 } } = hardware;
  const inBits = works.map((work) => ({
    ...work,
    weightBits: work.weightBits || own.weights,
    activationBits: work.activationBits || own.activations,
  }));
  const whole = inBits.map(({ weights: _, effectiveMacs: __, ...work }) => ({ ...work, weightDensity: 1 }));
  return {
    hardware: name,
    title,
    source,
    constants,
    unit: unit ?? null,
    bits: inBits[0]?.weightBits ?? own.weights,
    before: priced(hardware, whole),
    after: compressed ? priced(hardware, inBits) : null,
  };
}

function priced(hardware: HardwareModel, works: readonly Workload[]): Estimate {
  const { hardware: _, layers, ...total } = networkCost(hardware, works);
  return {
    ...total,
    memory: memoryBytes(works),
    layers: layers.map(({ name, cost }, i) => ({
      name,
      weightDensity: works[i]!.weightDensity,
      inputDensity: works[i]!.inputDensity,
      energyPj: cost.energyPj,
      latencyUs: cost.latencyUs,
      dramBytes: cost.dramBytes,
      byData: energyBy('data', cost.parts),
      notes: cost.notes,
    })),
  };
}
