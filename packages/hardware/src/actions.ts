import type { Cost, CostData, CostPart, HardwareConstant } from '@pare/core';

/** So many actions of one kind, before they are priced. */
export interface Action {
  /** What the energy table calls it. */
  readonly action: string;
  readonly data: CostData;
  readonly level: string;
  readonly count: number;
}

/** Energy of one action by its name, in picojoules. */
export type EnergyTable = Readonly<Record<string, number>>;

/**
 * Prices actions: energy = Σ count · table[action].
 *
 * @param layer - name of the layer, for messages
 * @throws RangeError naming the layer if the table has no such action, or a count is not a number ≥ 0
 * @example
 * price('fc6', [{ action: 'mac', data: 'computation', level: 'alu', count: 3 }], { mac: 2 })[0].energyPj // 6
 * price('fc6', [{ action: 'jump', data: 'other', level: 'alu', count: 1 }], { mac: 2 }) // throws RangeError: price: layer "fc6": unknown action "jump": the energy table has mac
 */
export function price(layer: string, actions: readonly Action[], table: EnergyTable): CostPart[] {
  return actions.map((each) => {
    const { action, count } = each;
    const energy = Object.hasOwn(table, action) ? table[action] : undefined;
    if (energy === undefined) {
      throw new RangeError(
        `price: layer "${layer}": unknown action "${action}": the energy table has ${Object.keys(table).join(', ')}`,
      );
    }
    if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`price: layer "${layer}": "count" of "${action}" expected a number ≥ 0, got ${count}`);
    }
    return { ...each, energyPj: count * energy };
  });
}

/** Sums parts to a cost. */
export function costOf(
  parts: readonly CostPart[],
  { latencyUs, dramBytes, notes = [] }: { latencyUs: number; dramBytes: number; notes?: readonly string[] },
): Cost {
  return { energyPj: parts.reduce((sum, { energyPj }) => sum + energyPj, 0), latencyUs, dramBytes, parts, notes };
}

/** What no work costs. */
export const NOTHING: Cost = { energyPj: 0, latencyUs: 0, dramBytes: 0, parts: [], notes: [] };

/** Makes a table of energies of constants, each an action in picojoules. */
export const tableOf = (constants: readonly HardwareConstant[]): EnergyTable =>
  Object.fromEntries(constants.map(({ name, value }) => [name, value]));
