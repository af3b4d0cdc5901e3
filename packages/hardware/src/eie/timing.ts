import type { EieColumns } from './columns.ts';
import { DRAIN } from './machine.ts';

/**
 * Counts the cycles of one matrix-vector product, by recurrence.
 *
 * Active columns j, elements k, n[j, k] entries, cost[j, k] = max(1, n[j, k]): an empty column still takes the cycle of its pointers.
 * C is the FIFO's depth.
 *
 *     b[j]      = max(b[j−1] + 1 + gap(j), maxₖ pop[j−C, k] + 1)        broadcast; the second term from j = C on
 *     pop[j, k] = max(b[j] + 1, pop[j−1, k] + cost[j−1, k])
 *     cycles    = maxₖ(pop[J−1, k] + cost[J−1, k]) + 6                  the pipeline drains
 *
 * gap(j): nonzeros are looked for in packs of N activations. From pack g to g′ takes g′ − g cycles, one less if the nonzero before sat
 * at the end of its pack; b[0] = 1 + pack of the first.
 *
 * Agrees with a cycle-stepped simulation to the cycle (tests).
 *
 * @returns 0 if no column is active
 * @example
 * eieCycles(countColumns(4, 1, () => true, () => () => true, { peCount: 1 })) // 12
 */
export function eieCycles({ machine, active, counts }: EieColumns): number {
  const { peCount, fifoDepth } = machine;
  const length = active.length;
  if (length === 0) return 0;
  const free = new Float64Array(peCount); // when an element has done the column before: pop[j−1, k] + cost[j−1, k]
  const lastPop = new Float64Array(length); // maxₖ pop[j, k]
  let broadcast = 0;
  let [pack, atEnd] = [0, false];
  for (let j = 0; j < length; j++) {
    const column = active[j]!;
    const next = Math.floor(column / peCount);
    const moved = next - pack;
    broadcast += 1 + moved - (atEnd && moved > 0 ? 1 : 0);
    if (j >= fifoDepth) broadcast = Math.max(broadcast, lastPop[j - fifoDepth]! + 1);
    pack = next;
    atEnd = column % peCount === peCount - 1;
    let latest = 0;
    const base = j * peCount;
    for (let pe = 0; pe < peCount; pe++) {
      const pop = Math.max(broadcast + 1, free[pe]!);
      if (pop > latest) latest = pop;
      free[pe] = pop + (counts[base + pe]! || 1);
    }
    lastPop[j] = latest;
  }
  return free.reduce((most, end) => Math.max(most, end), 0) + DRAIN;
}
