import type { Workload } from '@pare/core';
import { EYERISS, eyeriss, geometryOf, type Mapping, misfit } from '@pare/hardware';

/**
 * Finds a better mapping by looking at far more of them than the model's own search does: to see what that leaves lying.
 *
 * @returns the energy of the best, pJ
 */
export function finerEnergy(work: Workload): number {
  const geometry = geometryOf(work);
  if (!geometry) return 0;
  const { R, S, E, F, W, H, U, M, C, G } = geometry;
  const [Mg, Cg, N] = [M / G, C / G, work.batch];
  let current: Mapping = { m: 1, n: 1, e: 1, p: 1, q: 1, r: 1, t: 1 };
  const model = eyeriss({ mapping: () => current });
  let least = eyeriss().cost(work).energyPj;
  const upTo = (most: number, steps: readonly number[]) => [
    ...new Set([...steps.filter((step) => step <= most), most]),
  ];
  for (const e of upTo(Math.min(E, Math.floor(EYERISS.peCount / R)), [1, 2, 3, 4, 5, 7, 9, 13, 14, 27])) {
    const rows = Math.min((e - 1) * U + R, H);
    const sets = Math.floor(EYERISS.peCount / (R * e));
    for (const q of upTo(Math.max(1, Math.min(Math.floor(EYERISS.inputWords / S), Cg)), [1, 2, 3, 4, 6])) {
      const most = Math.min(EYERISS.sumWords, Math.floor(EYERISS.filterWords / (q * S)), Mg);
      if (most < 1) continue;
      for (const p of upTo(most, [4, 8, 12, 16, 18, 20, 22])) {
        for (const r of upTo(Math.max(1, Math.min(sets, Math.ceil(Cg / q))), [1, 2, 3, 4, 6, 8])) {
          for (const n of upTo(N, [1, 2, 4, 8, 16])) {
            const room = Math.floor((EYERISS.bufferWords - n * Math.min(q * r, Cg) * rows * W) / (n * e * F));
            for (const t of upTo(Math.max(1, Math.min(Math.floor(sets / r), Math.ceil(Mg / p))), [1, 2, 3, 4, 8])) {
              const m = Math.min(Mg, Math.floor(room / (p * t)) * p * t);
              current = { m, n, e, p, q, r, t };
              if (m < 1 || misfit(geometry, current, EYERISS) !== undefined) continue;
              least = Math.min(least, model.cost(work).energyPj);
            }
          }
        }
      }
    }
  }
  return least;
}
