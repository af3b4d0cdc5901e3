import type { HardwareModel, Model } from '@pare/core';
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

/** Makes a function that prices networks which differ from one whose activations were measured in their weights alone. */
export async function pricing(objective: Objective, model: Model): Promise<(model: Model) => Priced> {
  const { what = 'energyPj', densitiesOf } = objective;
  const densities = await densitiesOf?.(model);
  return (changed) => {
    const { layers, [what]: total } = priceNetwork(objective, changed, densities);
    return { total, byLayer: new Map(layers.map(({ name, cost }) => [name, cost[what]])) };
  };
}

/** The whole cost of a network. */
export function priceNetwork(
  { hardware, workload }: Pick<Objective, 'hardware' | 'workload'>,
  model: Model,
  densities?: Readonly<Record<string, Densities>>,
): NetworkCost {
  // Where zeros of weights are is told by their density: hardware that simulates would take its time over each candidate.
  const works = modelWorkloads(model, { ...workload, ...(densities && { densities }) }).map(
    ({ weights: _, ...work }) => work,
  );
  return networkCost(hardware, works);
}
