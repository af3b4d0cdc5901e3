import { CorruptDataError, MissingPartError } from '@pare/core';
import type { Limits } from '@pare/format/decode';
import { NetworkError, type NetworkErrorCode } from './network-error.ts';
import type { Pixels } from './network-input.ts';
import type { Answer, Opened, Request, SentError } from './worker-messages.ts';

export interface RuntimeInWorkerOptions {
  /** One that runs `@pare/runtime/worker-main`, ended by you; it can run several networks. Default: a new one, ended by `dispose`. */
  readonly worker?: RuntimeWorker;
  /** What is refused of a file before memory is taken for it. */
  readonly limits?: Limits;
  /** The most memory that weights, activations and scratch may take, in bytes. Default 2 GiB. */
  readonly maximumBytes?: number;
  /** Threads that run each network, the worker included: see `threads` of `@pare/runtime/threads`. Default 1. */
  readonly threads?: number | 'auto';
}

/** A `Worker` of the web or of Node's `worker_threads`: what both have in common, listeners apart. */
export interface RuntimeWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** A network that runs off the main thread. */
export interface WorkerRuntime extends Opened {
  /** As `run` of a `Runtime`; the input is copied, the output changes hands. */
  run(input: Float32Array | Pixels): Promise<Float32Array>;
  /** Gives the memory back, and ends the worker if it was made for this network. */
  dispose(): Promise<void>;
}

/** How the two kinds of worker are listened to. */
interface Listenable extends RuntimeWorker {
  /** Of Node's: −1 once it has ended. */
  readonly threadId?: number;
  addEventListener?(
    type: string,
    listener: (event: { readonly data: Answer; readonly message?: string }) => void,
  ): void;
  on?(type: string, listener: (event: never) => void): void;
}

interface Call {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** What is known of a worker, and who waits for it. */
interface Line {
  readonly waiting: Map<number, Call>;
  /** Why it will answer nobody any longer. */
  ended?: string;
}

let lastNumber = 0;
const lines = new WeakMap<object, Line>();

/**
 * Makes a network ready to run off the main thread. Each run computes a layer as soon as its weights are there, as those of
 * `streamRuntime` do. All decoders of `@pare/format` are there.
 *
 * @param source - the bytes of a `.pare` file (which are copied to the worker), or the address, from which the worker downloads
 * @returns once the header is there
 * @throws as `streamRuntime`; TypeError if the address is none; MissingPartError if the server says no or there are no workers; Error if the
 *   worker does not run, as each `run` does
 */
export async function runtimeInWorker(
  source: Uint8Array | string | URL,
  options: RuntimeInWorkerOptions = {},
): Promise<WorkerRuntime> {
  const { limits, maximumBytes, threads } = options;
  const file = source instanceof Uint8Array ? source : addressOf(source); // first: it may throw, and a worker would live on
  const worker: Listenable = options.worker ?? newWorker();
  const network = ++lastNumber;
  const end = async (): Promise<void> => {
    if (options.worker) return;
    await worker.terminate();
    hangUp(lineTo(worker), 'it has been disposed of'); // a worker of a page says nothing when it ends
  };
  const answer = await ask(worker, { network, source: file, limits, maximumBytes, threads }).catch(
    async (error: unknown) => {
      await end();
      throw error;
    },
  );
  let disposed = false;
  return {
    ...(answer as { readonly opened: Opened }).opened,
    async run(input) {
      if (disposed) throw new Error('run: this runtime has been disposed of: make another with runtimeInWorker');
      const { width, height, data } = input as Pixels;
      // ImageData can be sent; what only looks like it may carry things that cannot.
      const given = input instanceof Float32Array ? input : { width, height, data };
      return ((await ask(worker, { network, input: given })) as { readonly output: Float32Array }).output;
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await ask(worker, { network, dispose: true }).catch(() => {}); // one that has ended holds nothing
      await end();
    },
  };
}

// Omit would forget that requests are alternatives.
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

function addressOf(source: string | URL): string {
  try {
    return String(new URL(source, globalThis.location?.href));
  } catch (cause) {
    const expected = 'the bytes of a file, or an address with its scheme, as "https://…" or "file:///…"';
    throw new TypeError(`runtimeInWorker: "source" expected ${expected}, got "${source}"`, { cause });
  }
}

function ask(worker: Listenable, request: WithoutId<Request>): Promise<Answer> {
  const line = lineTo(worker);
  const id = ++lastNumber;
  return new Promise((resolve, reject) => {
    if (line.ended !== undefined) throw notRunning(line.ended);
    worker.postMessage({ id, ...request });
    line.waiting.set(id, { resolve, reject });
  });
}

const notRunning = (why: string): Error => new Error(`runtimeInWorker: the worker does not run: ${why}`);

/** Ends the waiting: nobody will be answered, nor whoever asks from now on if the worker has ended. */
function hangUp(line: Line, why: string, isOver = true): void {
  if (isOver) line.ended ??= why;
  for (const { reject } of line.waiting.values()) reject(notRunning(why));
  line.waiting.clear();
}

/** Hands answers to who waits for them, whichever kind of worker it is. */
function lineTo(worker: Listenable): Line {
  const known = lines.get(worker);
  if (known) return known;
  const line: Line = { waiting: new Map() };
  lines.set(worker, line);
  if (worker.threadId === -1) line.ended = 'it has ended'; // and will not say so again
  let hasAnswered = false;
  const answer = (given: Answer): void => {
    hasAnswered = true;
    const call = line.waiting.get(given.id);
    line.waiting.delete(given.id);
    if ('error' in given) call?.reject(revived(given.error));
    else call?.resolve(given);
  };
  const garbled = (): void => hangUp(line, 'its answer cannot be read', false);
  if (worker.addEventListener) {
    worker.addEventListener('message', ({ data }) => answer(data));
    worker.addEventListener('messageerror', garbled);
    // One that has answered before lives on after an error, one that could not be loaded does not.
    worker.addEventListener('error', ({ message }) => hangUp(line, message ?? 'it cannot be loaded', !hasAnswered));
  } else {
    worker.on?.('message', answer);
    worker.on?.('messageerror', garbled);
    worker.on?.('error', (error: unknown) => hangUp(line, error instanceof Error ? error.message : String(error)));
    worker.on?.('exit', (code: number) => hangUp(line, `it ended with ${code}`));
  }
  return line;
}

function newWorker(): Listenable {
  const node = (globalThis as { process?: { getBuiltinModule?(name: string): { Worker: WorkerClass } } }).process;
  type WorkerClass = new (url: URL) => Listenable;
  if (!import.meta.url) {
    throw new MissingPartError(
      'no-worker',
      'worker',
      'runtimeInWorker: CommonJS does not know where the worker is: pass { worker: new Worker(require.resolve("@pare/runtime/worker-main")) }',
    );
  }
  if (typeof Worker === 'undefined') {
    const threads = node?.getBuiltinModule?.('worker_threads');
    if (!threads) {
      throw new MissingPartError(
        'no-worker',
        'worker',
        'runtimeInWorker: there are no workers here: use createRuntime',
      );
    }
    return new threads.Worker(new URL('./worker-main.js', import.meta.url));
  }
  // Bundlers know this expression, as it is written here.
  return new Worker(new URL('./worker-main.js', import.meta.url), { type: 'module' }) as unknown as Listenable; // the border to the platform
}

/** Errors cross as plain objects: their class is lost on the way. */
function revived({ name, message, code, byte, part, layer }: SentError): Error {
  switch (name) {
    case 'NetworkError':
      return new NetworkError(code as NetworkErrorCode, String(layer), message.replace(`layer "${layer}": `, ''));
    case 'CorruptDataError':
      return new CorruptDataError(String(code), Number(byte), message.replace(/^corrupt data at byte \d+: /, ''));
    case 'MissingPartError':
      return new MissingPartError(String(code), String(part), message);
    case 'RangeError':
      return new RangeError(message);
    case 'TypeError':
      return new TypeError(message);
    default:
      return Object.assign(new Error(message), { name, code });
  }
}
