import type { EieColumns } from '../src/eie/columns.ts';
import { DRAIN } from '../src/eie/machine.ts';

/**
 * The same machine, cycle by cycle, every test on the state at the start of the cycle. It knows of no recurrence: a detector, queues
 * and elements that are busy.
 */
export function stepCycles({ machine, active, counts }: EieColumns): number {
  const { peCount, fifoDepth } = machine;
  if (active.length === 0) return 0;
  const queues: number[][] = Array.from({ length: peCount }, () => []);
  const busyUntil = new Array<number>(peCount).fill(0);
  let [next, pack, cycle] = [0, 0, 1];
  for (; ; cycle++) {
    const lengths = queues.map((queue) => queue.length);
    if (next === active.length && lengths.every((length) => length === 0)) break;
    const isFull = lengths.some((length) => length >= fifoDepth);
    // Elements first: what is pushed in this cycle is not there to be popped.
    queues.forEach((queue, pe) => {
      if (busyUntil[pe]! > cycle || lengths[pe] === 0) return;
      const j = queue.shift()!;
      busyUntil[pe] = cycle + Math.max(1, counts[j * peCount + pe]!);
    });
    if (next === active.length) continue;
    const column = active[next]!;
    if (Math.floor(column / peCount) !== pack) pack++;
    else if (!isFull) {
      for (const queue of queues) queue.push(next);
      if (column % peCount === peCount - 1) pack++;
      next++;
    }
  }
  return Math.max(...busyUntil) + DRAIN;
}
