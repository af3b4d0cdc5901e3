import type { EnergyTable } from '../actions.ts';
import type { Geometry } from '../geometry.ts';
import { type Gating, rowStationaryActions, type Sparsity } from './energy.ts';
import type { Mapping, RowStationaryMachine } from './machine.ts';
import { stripRows, trafficOf } from './traffic.ts';

/**
 * Finds the mapping of least energy among about a hundred: strips of a few heights, as many channels and filters in an element as
 * fit, elements dealt to channels and filters, images in groups. The first wins a tie.
 *
 * @param table - energy of the actions
 * @returns the least that there is: one of everything, if nothing larger fits
 */
export function searchMapping(
  geometry: Geometry,
  work: Sparsity,
  machine: RowStationaryMachine,
  table: EnergyTable,
  gating: Gating = 'psum-always',
): Mapping {
  let best: Mapping = { m: 1, n: 1, e: 1, p: 1, q: 1, r: 1, t: 1 };
  let least = Number.POSITIVE_INFINITY;
  for (const mapping of candidates(geometry, work.batch, machine)) {
    const actions = rowStationaryActions(trafficOf(geometry, mapping, work.batch), work, gating);
    const energy = actions.reduce((sum, { action, count }) => sum + count * table[action]!, 0);
    if (energy < least) [best, least] = [mapping, energy];
  }
  return best;
}

/** All of them fit, but for filters whose rows an element cannot hold: each extent is bounded by what those before it leave. */
function* candidates(geometry: Geometry, N: number, machine: RowStationaryMachine): Generator<Mapping> {
  const { R, S, W, E, F, G, M, C } = geometry;
  const [Mg, Cg] = [M / G, C / G];
  for (const e of unique([E, Math.ceil(E / 2), 14, 7])) {
    if (e > E || R * e > machine.peCount) continue;
    const q = Math.max(1, Math.min(Math.floor(machine.inputWords / S), Cg));
    const rows = stripRows(geometry, e);
    // 16 and 24 filters on Eyeriss: what fits the sums, and what leaves room for more sets of elements.
    for (const limit of [(2 * machine.sumWords) / 3, machine.sumWords]) {
      const p = Math.max(1, Math.min(Math.floor(limit), Math.floor(machine.filterWords / (q * S)), Mg));
      const sets = Math.floor(machine.peCount / (R * e));
      for (const r of unique([1, 2, 4, sets])) {
        if (r > sets) continue;
        const most = Math.max(1, Math.min(Math.floor(sets / r), Math.ceil(Mg / p)));
        for (const n of unique([1, 4, Math.min(16, N), N])) {
          if (n > N) continue;
          const room = Math.floor((machine.bufferWords - n * Math.min(q * r, Cg) * rows * W) / (n * e * F));
          if (room < p) continue;
          const t = Math.min(most, Math.floor(room / p));
          yield { m: Math.min(Mg, Math.floor(room / (p * t)) * p * t), n, e, p, q, r, t };
        }
      }
    }
  }
}

const unique = (numbers: readonly number[]): number[] => [...new Set(numbers)];
