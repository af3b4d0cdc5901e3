import type { KernelExports } from '../exports.ts';
import type { Kernels } from '../kernels.ts';
import { BEGUN, CALLS_AT, ENDED, IDLE, LOOKS, MOST_NUMBERS, POSTED } from './mailbox.ts';
import { startWorker } from './start-worker.ts';
import { ThreadError, type ThreadErrorCode } from './thread-error.ts';

/** Another thread, as this one sees it. */
export interface Thread {
  /** For preparing its parts. What is run while it is posted is written down for the thread; otherwise it is done here, at once. */
  readonly kernels: Kernels;
  /** Settled once the thread can be asked, or never will be. */
  readonly ready: Promise<void>;
  /** Whether it can be asked. */
  isThere(): boolean;
  /** Asks it to do a part, if it is there. */
  post(part: () => void): void;
  /**
   * Returns when the part that was posted is done: by the thread; here, if that has not begun.
   *
   * @throws ThreadError
   */
  join(part: () => void): void;
  end(): void;
}

/** @param kernels - those of this thread, in a memory that is shared */
export function startThread(kernels: Kernels, module: WebAssembly.Module): Thread {
  const { memory } = kernels;
  const mailbox = kernels.allocate(CALLS_AT + 8 * MOST_NUMBERS, CALLS_AT);
  // Shared memory stays where it is when it grows: these views last.
  const state = new Int32Array(memory.buffer, mailbox, 1);
  const calls = new Float64Array(memory.buffer, mailbox + CALLS_AT, MOST_NUMBERS);
  const worker = startWorker({ module, memory, mailbox, looks: LOOKS }, () => Atomics.store(state, 0, ENDED));

  let write: WriteCall | undefined; // while calls are written down
  const own: Kernels = {
    ...kernels,
    exports: divertible(kernels.exports, module, () => write),
    inParts: ({ count }, prepare) => prepare(own, 0, count),
  };
  let isPosted = false;
  const end = (): void => {
    Atomics.store(state, 0, ENDED);
    Atomics.notify(state, 0);
    worker.terminate();
  };
  const fail = (code: ThreadErrorCode, what: string): never => {
    end();
    throw new ThreadError(code, `run: a thread ${what}. There is no output; the next run goes on without that thread`);
  };
  return {
    kernels: own,
    ready: worker.ready,
    isThere: () => isThere(Atomics.load(state, 0)),
    post(part) {
      if (Atomics.load(state, 0) !== IDLE) return;
      const writer = writerOf(calls);
      write = writer.write;
      try {
        part();
      } finally {
        write = undefined;
      }
      if (!writer.close()) return; // too many calls: `join` makes them
      isPosted = true;
      Atomics.store(state, 0, POSTED);
      Atomics.notify(state, 0);
    },
    join(part) {
      const isOurs = !isPosted || Atomics.compareExchange(state, 0, POSTED, IDLE) === POSTED;
      isPosted = false;
      if (isOurs) part();
      else if (!hasLeft(state, BEGUN)) fail('lost', 'began its part and did not come to an end');
      else if (Atomics.load(state, 0) !== IDLE) fail('failed', 'ended in an error');
    },
    end,
  };
}

const isThere = (state: number): boolean => state === IDLE || state === POSTED || state === BEGUN;

type WriteCall = (kernel: number, given: readonly number[]) => void;

/** The kernels, of which each call is written down while there is a way to. A part calls them for what they do, not for what they return. */
function divertible(
  exports: KernelExports,
  module: WebAssembly.Module,
  writer: () => WriteCall | undefined,
): KernelExports {
  const diverted = WebAssembly.Module.exports(module).map(({ name }, number) => {
    const kernel = exports[name as keyof KernelExports] as (...given: number[]) => number | undefined;
    const call = (...given: number[]): number | undefined => {
      const write = writer();
      return write ? void write(number, given) : kernel(...given);
    };
    return [name, call];
  });
  return Object.fromEntries(diverted) as KernelExports;
}

/** Writes calls as they lie in a mailbox. `close` says whether all of them fitted. */
function writerOf(calls: Float64Array): { readonly write: WriteCall; close(): boolean } {
  let at = 0;
  return {
    write(kernel, given) {
      const length = 2 + given.length;
      if (at + length < calls.length) {
        calls[at] = length - 1;
        calls[at + 1] = kernel;
        calls.set(given, at + 2);
      }
      at += length;
    },
    close() {
      const fits = at < calls.length;
      if (fits) calls[at] = 0;
      return fits;
    },
  };
}

/** A part takes milliseconds: more of them means that the thread will not come back. */
const PATIENCE_MS = 30_000;
/** Looks at the state that take at least as long. */
const MOST_LOOKS = 2 ** 34;

/** Waits until a state is another. Not for ever: false if it has stayed as it was. */
function hasLeft(state: Int32Array, from: number): boolean {
  for (let looks = 0; looks < LOOKS; looks++) if (Atomics.load(state, 0) !== from) return true;
  try {
    return Atomics.wait(state, 0, from, PATIENCE_MS) !== 'timed-out' || Atomics.load(state, 0) !== from;
  } catch {
    // The main thread of a page may not sleep: it goes on looking.
    for (let looks = 0; looks < MOST_LOOKS; looks++) if (Atomics.load(state, 0) !== from) return true;
    return false;
  }
}
