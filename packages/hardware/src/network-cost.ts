import type { Cost, CostPart, HardwareModel, Workload } from '@pare/core';

/** What a network costs, and where. */
export interface NetworkCost {
  readonly hardware: string;
  readonly layers: readonly { readonly name: string; readonly batch: number; readonly cost: Cost }[];
  readonly energyPj: number;
  readonly latencyUs: number;
  readonly dramBytes: number;
  /** Energy by what it is spent for, and by where it is spent; each sums to `energyPj`. */
  readonly byData: Readonly<Record<string, number>>;
  readonly byLevel: Readonly<Record<string, number>>;
}

/**
 * Prices the layers of a network, one after the other.
 *
 * @throws RangeError naming the layer if one is impossible
 */
export function networkCost(hardware: HardwareModel, works: readonly Workload[]): NetworkCost {
  const layers = works.map((work) => ({ name: work.layer.name, batch: work.batch, cost: hardware.cost(work) }));
  const sum = (key: 'energyPj' | 'latencyUs' | 'dramBytes') => layers.reduce((total, { cost }) => total + cost[key], 0);
  const parts = layers.flatMap(({ cost }) => cost.parts);
  return {
    hardware: hardware.name,
    layers,
    energyPj: sum('energyPj'),
    latencyUs: sum('latencyUs'),
    dramBytes: sum('dramBytes'),
    byData: energyBy('data', parts),
    byLevel: energyBy('level', parts),
  };
}

/**
 * Sums the energy of parts by what it is spent for, or by where.
 *
 * @returns picojoules
 * @example
 * const part = { action: 'mac', data: 'computation', level: 'alu', count: 1, energyPj: 2 };
 * energyBy('level', [part, part]) // { alu: 4 }
 */
export function energyBy(key: 'data' | 'level', parts: readonly CostPart[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const part of parts) sums[part[key]] = (sums[part[key]] ?? 0) + part.energyPj;
  return sums;
}
