import { Worker } from 'node:worker_threads';
import { decodeInWorker } from '../../../packages/format/src/worker.ts';
import { defineTarget, type Target } from '../target.ts';
import { damagedFiles, expectWithinLimits, LIMITS } from './container.ts';

/** Files that another thread reads: what goes wrong there must come over as what it is, and leave the thread alive. */
export const inWorker: Target = defineTarget({
  ...damagedFiles,
  name: 'format-worker',
  weight: 0.3,
  async seeds() {
    const seeds = damagedFiles.seeds();
    await decodeInWorker(seeds[0]!.bytes, { worker: theWorker() }); // loads its code
    return seeds;
  },
  async read(bytes, _told, random) {
    const dense = random.integer(2) === 0;
    const model = await decodeInWorker(bytes, { worker: theWorker(), limits: LIMITS, dense });
    expectWithinLimits(model);
    return model;
  },
});

let worker: Worker | undefined;

/** One for all inputs: if it dies of one, the next ones tell. */
function theWorker(): Worker {
  if (!worker) {
    // Threads register the loader of TypeScript themselves.
    const main = new URL('../../../packages/format/src/worker-main.ts', import.meta.url).href;
    const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(main)}); })`;
    worker = new Worker(start, { eval: true, execArgv: ['--conditions=@pare/source'] });
    worker.unref();
  }
  return worker;
}
