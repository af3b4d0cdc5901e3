import type { HardwareModel, Model, Workload } from '@pare/core';
import { type Densities, modelWorkloads, type NetworkCost, networkCost, type WorkloadOptions } from '@pare/hardware';

/** What is to get less. */
export interface Objective {
  readonly hardware: HardwareModel;
  /** Default `'energyPj'`. */
  readonly what?: 'energyPj' | 'latencyUs' | 'dramBytes';
  /** Batch and bits; default one example of 16 bits. */
  readonly workload?: Omit<WorkloadOptions, 'densities'>;
  /** Measures how many activations are zero, by name of layer; default: half of what has passed a ReLU. Asked once a round. */
  readonly densitiesOf?: (model: Model) => Promise<Readonly<Record<string, Densities>>>;
}

/** A network's cost, in what is to get less: as a whole, and by name of layer. */
export interface Priced {
  readonly total: number;
  readonly byLayer: ReadonlyMap<string, number>;
}

/**
 * Makes a function that prices networks which differ from one whose activations were measured in their weights alone.
 *
 * @throws RangeError if the hardware has no such cost
 */
export async function pricing(objective: Objective, model: Model): Promise<(model: Model) => Priced> {
  const { what = 'energyPj', densitiesOf } = objective;
  const densities = await densitiesOf?.(model);
  demandCost(objective, worksOf(objective, model, densities));
  return (changed) => {
    const { layers, [what]: total } = priceNetwork(objective, changed, densities);
    return { total, byLayer: new Map(layers.map(({ name, cost }) => [name, cost[what]])) };
  };
}

/** The whole cost of a network. */
export const priceNetwork = (
  objective: Pick<Objective, 'hardware' | 'workload'>,
  model: Model,
  densities?: Readonly<Record<string, Densities>>,
): NetworkCost => networkCost(objective.hardware, worksOf(objective, model, densities));

/** What a layer costs if such a share of its weights is left. */
export type CostAt = (density: number) => number;

/**
 * What layers with kernels cost by the density of their weights, by name, and the whole network as it is.
 *
 * @throws RangeError if the hardware has no such cost
 */
export function costsByDensity(
  objective: Objective,
  model: Model,
  densities?: Readonly<Record<string, Densities>>,
): { readonly byLayer: ReadonlyMap<string, CostAt>; readonly total: number } {
  const { hardware, what = 'energyPj' } = objective;
  const works = worksOf(objective, model, densities);
  demandCost(objective, works);
  const costOf = (work: Workload): readonly [string, CostAt] => [
    work.layer.name,
    (weightDensity) => hardware.cost({ ...work, weightDensity })[what],
  ];
  return { byLayer: new Map(works.map(costOf)), total: networkCost(hardware, works)[what] };
}

/** Of what costs nothing, however many weights there are, nothing can be saved: EIE's DRAM, for one. */
function demandCost({ hardware, what = 'energyPj' }: Objective, works: readonly Workload[]): void {
  const costs = works.some((work) => hardware.cost({ ...work, weightDensity: 1 })[what] > 0);
  if (costs || works.length === 0) return;
  throw new RangeError(
    `energy-aware pruning: "what" expected a cost of the network on "${hardware.name}", got "${what}", which is 0 with all weights: choose another`,
  );
}

/** Where zeros of weights are is told by their density: hardware that simulates would take its time over each candidate. */
const worksOf = (
  { workload }: Pick<Objective, 'workload'>,
  model: Model,
  densities: Readonly<Record<string, Densities>> | undefined,
): readonly Workload[] =>
  modelWorkloads(model, { ...workload, ...(densities && { densities }) }).map(({ weights: _, ...work }) => work);
