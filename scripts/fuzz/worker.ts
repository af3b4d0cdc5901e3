import { parentPort, workerData } from 'node:worker_threads';
import { watchAllocations } from './allocations.ts';
import type { Outcome } from './fuzz.ts';
import type { Target } from './target.ts';

/** Inputs of one target, read in one go. */
export interface Slice {
  readonly target: string;
  readonly from: number;
  readonly runs: number;
  readonly seed: number;
}

/** Shared with the main thread: the number of the input that is being read. If it stays the same, this thread hangs. */
const current = new Int32Array(workerData as SharedArrayBuffer);

// Before what is fuzzed is loaded.
const allocations = watchAllocations();
const { fuzz } = await import('./fuzz.ts');
const { targets } = await import('./targets/index.ts');

/** Each makes its seeds but once. */
const used = new Map<string, Target>();
function targetOf(name: string): Target {
  const known = used.get(name);
  if (known) return known;
  const target = targets.find((target) => target.name === name)!;
  const seeds = target.seeds();
  const made = { ...target, seeds: () => seeds };
  used.set(name, made);
  return made;
}

parentPort!.on('message', async ({ target: name, from, runs, seed }: Slice) => {
  const target = targetOf(name);
  const outcome: Outcome = await fuzz(target, {
    seed,
    from,
    runs,
    allocations,
    now: () => performance.now(),
    onInput: (index) => void Atomics.store(current, 0, index),
  });
  parentPort!.postMessage(outcome);
});
parentPort!.postMessage('ready');
