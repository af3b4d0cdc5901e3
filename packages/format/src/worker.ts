import { CorruptDataError, MissingPartError, type Weight } from '@pare/core';
import type { Limits } from './file-layout.ts';
import type { Header } from './header.ts';
import type { PareModel } from './read.ts';
import type { StreamProgress } from './stream.ts';
import type { Answer, Request } from './worker-messages.ts';

export interface DecodeInWorkerOptions {
  /** One that runs `@pare/format/worker-main`, to be used again and ended by you; default: a new one, ended afterwards. */
  readonly worker?: PareWorker;
  /** Ends the work: its reason is thrown. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StreamProgress) => void;
  /** Hears of each weight as soon as it is decoded. */
  readonly onWeight?: (weight: Weight) => void;
  /** Whether every weight is wanted as a dense form; default false. */
  readonly dense?: boolean;
  readonly limits?: Limits;
}

/** A `Worker` of the web or of Node's `worker_threads`: what both have in common, listeners apart. */
export interface PareWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** How the two kinds of worker are listened to. */
interface Listenable extends PareWorker {
  addEventListener?(
    type: string,
    listener: (event: { readonly data: Answer; readonly message?: string }) => void,
  ): void;
  removeEventListener?: Listenable['addEventListener'];
  on?(type: string, listener: (event: never) => void): void;
  off?: Listenable['on'];
}

let lastId = 0;

/**
 * Decodes a file off the main thread; arrays come over without being copied.
 *
 * @param source - the bytes (which are copied to the worker), or the address, from which the worker downloads
 * @throws CorruptDataError, MissingPartError as `decodeModel` does, and if the server says no
 */
export async function decodeInWorker(
  source: Uint8Array | string | URL,
  options: DecodeInWorkerOptions = {},
): Promise<PareModel> {
  const { signal, onProgress, onWeight, dense = false, limits = {} } = options;
  signal?.throwIfAborted();
  const id = ++lastId;
  const file = source instanceof Uint8Array ? source : String(new URL(source, globalThis.location?.href));
  const worker: Listenable = options.worker ?? newWorker();
  let listener: Parameters<typeof listen>[1] | undefined;
  let onAbort = (): void => {};
  try {
    return await new Promise<PareModel>((resolve, reject) => {
      let header: Header | undefined;
      const weights: Weight[] = [];
      listener = {
        answer(answer) {
          if (answer.id !== id) return;
          if ('header' in answer) header = answer.header;
          else if ('weight' in answer) {
            weights.push(answer.weight);
            onWeight?.(answer.weight);
          } else if ('progress' in answer) onProgress?.(answer.progress);
          else if ('error' in answer) reject(revived(answer.error));
          else {
            const { records: _, ...model } = header!;
            resolve({ history: [], ...model, weights });
          }
        },
        failure: (message) => reject(new Error(`decodeInWorker: the worker does not run: ${message}`)),
      };
      listen(worker, listener, true);
      onAbort = () => {
        worker.postMessage({ id, abort: true } satisfies Request);
        reject(signal!.reason);
      };
      signal?.addEventListener('abort', onAbort);
      worker.postMessage({ id, source: file, dense, limits } satisfies Request);
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    if (listener) listen(worker, listener, false);
    if (!options.worker) await worker.terminate();
  }
}

interface Ears {
  answer(answer: Answer): void;
  failure(message: string): void;
  heard?: readonly (readonly [string, (event: never) => void])[];
}

/** Starts or stops listening, whichever kind of worker it is. */
function listen(worker: Listenable, ears: Ears, on: boolean): void {
  if (worker.addEventListener) {
    ears.heard ??= [
      ['message', ({ data }: { readonly data: Answer }) => ears.answer(data)],
      ['error', ({ message }: { readonly message?: string }) => ears.failure(message ?? 'it cannot be loaded')],
    ];
    for (const [type, listener] of ears.heard) {
      if (on) worker.addEventListener(type, listener as never);
      else worker.removeEventListener?.(type, listener as never);
    }
    return;
  }
  ears.heard ??= [
    ['message', (answer: Answer) => ears.answer(answer)],
    ['error', (error: Error) => ears.failure(error.message)],
    ['exit', (code: number) => ears.failure(`it ended with ${code}`)],
  ];
  for (const [type, listener] of ears.heard) {
    if (on) worker.on?.(type, listener);
    else worker.off?.(type, listener);
  }
}

function newWorker(): Listenable {
  const node = (globalThis as { process?: { getBuiltinModule?(name: string): { Worker: WorkerClass } } }).process;
  type WorkerClass = new (url: URL) => Listenable;
  if (!import.meta.url) {
    throw new MissingPartError(
      'no-worker',
      'worker',
      'decodeInWorker: CommonJS does not know where the worker is: pass { worker: new Worker(require.resolve("@pare/format/worker-main")) }',
    );
  }
  if (typeof Worker === 'undefined') {
    const threads = node?.getBuiltinModule?.('worker_threads');
    if (!threads)
      throw new MissingPartError('no-worker', 'worker', 'decodeInWorker: there are no workers here: use decodeModel');
    return new threads.Worker(new URL('./worker-main.js', import.meta.url));
  }
  // Bundlers know this expression, as it is written here.
  return new Worker(new URL('./worker-main.js', import.meta.url), { type: 'module' }) as unknown as Listenable; // the border to the platform
}

/** Errors cross as plain objects: their class is lost on the way. */
function revived({ name, message, code, byte, part }: { readonly [field: string]: unknown }): Error {
  if (name === 'CorruptDataError') {
    return new CorruptDataError(String(code), Number(byte), String(message).replace(/^corrupt data at byte \d+: /, ''));
  }
  if (name === 'MissingPartError') return new MissingPartError(String(code), String(part), String(message));
  return Object.assign(new Error(String(message)), { name: String(name) });
}
