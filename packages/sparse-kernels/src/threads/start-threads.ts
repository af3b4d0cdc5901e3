import type { Prepared } from '../dense/shapes.ts';
import { createKernels, FIRST_PAGES, type Kernels, MOST_BYTES, ownKernels, PAGE } from '../kernels.ts';
import { cut } from './cut.ts';
import { sharedModule } from './shared-module.ts';
import { startThread, type Thread } from './thread.ts';

export interface ThreadsOptions {
  /** Threads, the calling one included. Default `'auto'`: as many as the machine has cores, 4 at most. */
  readonly count?: number | 'auto';
  /** The most that the memory may grow to. Default 4 GiB. */
  readonly maximumBytes?: number;
  /** What a part must be estimated to take, in nanoseconds, so that it pays to ask another thread. Default 30,000. */
  readonly leastPartNs?: number;
}

/** Kernels whose layers are run by several threads. */
export interface ThreadedKernels extends Kernels {
  /** Threads that compute at the moment, the calling one included: 1 until the others have started. */
  readonly threads: number;
  /** Settled once all threads that will ever be there are there. Layers can be prepared and run before. */
  readonly ready: Promise<void>;
  /** Ends the other threads. Layers can be run as before, by the calling thread. */
  dispose(): void;
}

/**
 * Makes kernels like `createKernels`, with other threads beside the calling one: layers that `prepareProduct` and `prepareConvolution` make
 * with them are run by all, each thread some rows or filters. What comes out is the same bit by bit, whatever the number of threads.
 *
 * The calling thread waits for the others at the end of each layer, and does itself what they have not begun by then.
 * One thread computes all where memory cannot be shared: in a page that is not cross-origin isolated.
 *
 * @throws RangeError if `count` is not a whole number from 1 to 64
 * @example
 * const threaded = startThreads({ count: 2 });
 * const values = new Float32Array(1000 * 2000).fill(0.5);
 * const layer = prepareProduct(threaded, { kind: 'dense', values }, 1000, 2000);
 * const [x, y] = [threaded.place(new Float32Array(2016).fill(1)), threaded.allocate(4000)];
 * layer.run(x, y, threaded.allocate(layer.scratchBytes));
 * threaded.dispose();
 * threaded.float32(y, 3) // Float32Array [1000, 1000, 1000]
 */
export function startThreads(options: ThreadsOptions = {}): ThreadedKernels {
  const { count: asked = 'auto', maximumBytes = MOST_BYTES, leastPartNs = LEAST_PART_NS } = options;
  const count = asked === 'auto' ? usualCount() : asked;
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_THREADS)) {
    throw new RangeError(
      `startThreads: "count" expected a whole number from 1 to ${MOST_THREADS}, or 'auto', got ${count}`,
    );
  }
  if (count === 1 || !threadsSupported()) {
    return { ...createKernels({ maximumBytes }), threads: 1, ready: Promise.resolve(), dispose() {} };
  }
  const maximum = Math.max(FIRST_PAGES, Math.ceil(maximumBytes / PAGE));
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum, shared: true });
  const module = sharedModule();
  const kernels = ownKernels(memory, module, maximumBytes);
  const others = Array.from({ length: count - 1 }, () => startThread(kernels, module));
  return {
    ...kernels,
    inParts(work, prepare) {
      const ends = cut(work, Math.max(1, Math.min(count, Math.floor(work.ns / leastPartNs))));
      const parts = ends.map((end, i) => prepare(i === 0 ? kernels : others[i - 1]!.kernels, ends[i - 1] ?? 0, end));
      return parts.length === 1 ? parts[0]! : together(parts, others);
    },
    get threads() {
      return 1 + others.filter((thread) => thread.isThere()).length;
    },
    ready: Promise.all(others.map(({ ready }) => ready)).then(() => {}),
    dispose() {
      for (const thread of others) thread.end();
    },
  };
}

const MOST_THREADS = 64;
/** Some times what it takes to wake a thread up. */
const LEAST_PART_NS = 30_000;

/** Whether memory can be shared with workers here. */
export const threadsSupported = (): boolean =>
  typeof SharedArrayBuffer !== 'undefined' &&
  (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

interface Machine {
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly process?: { getBuiltinModule?(name: string): { availableParallelism(): number } };
}

/** More than 4 have little to do in the layers of a network. */
function usualCount(): number {
  const { navigator, process } = globalThis as Machine;
  const cores = process?.getBuiltinModule?.('os').availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
  return Math.min(4, cores);
}

/** Bytes: two threads must not write into one line of a cache, and processors fetch two at once. */
const LINES = 128;

/** The first part is this thread's, each other one that of the thread in its place. */
function together(parts: readonly Prepared[], threads: readonly Thread[]): Prepared {
  let scratchBytes = 0;
  const scratchAt = parts.map((part) => {
    const at = scratchBytes;
    scratchBytes += Math.ceil(part.scratchBytes / LINES) * LINES;
    return at;
  });
  return {
    weightBytes: parts.reduce((sum, part) => sum + part.weightBytes, 0),
    readBytes: parts.reduce((sum, part) => sum + part.readBytes, 0),
    scratchBytes,
    run(x, y, scratch) {
      const runs = parts.map((part, i) => () => part.run(x, y, scratch + scratchAt[i]!));
      runs.forEach((run, i) => {
        if (i > 0) threads[i - 1]!.post(run);
      });
      try {
        runs[0]!();
      } finally {
        // All are waited for, whatever one of them throws: none may write when this is over.
        joinAll(runs.slice(1), threads);
      }
    },
  };
}

function joinAll([run, ...runs]: readonly (() => void)[], [thread, ...threads]: readonly Thread[]): void {
  if (!run || !thread) return;
  try {
    thread.join(run);
  } finally {
    joinAll(runs, threads);
  }
}
