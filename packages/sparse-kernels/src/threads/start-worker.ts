import { threadSource } from './thread-source.ts';

/** A worker that has its first message. */
export interface StartedWorker {
  /** Settled once it answers, or will not. */
  readonly ready: Promise<void>;
  terminate(): void;
}

/** A `Worker` of the web or of Node's `worker_threads`: what both have in common, and how each is listened to. */
interface AnyWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref?(): void;
  on?(type: string, listener: () => void): void;
  addEventListener?(type: string, listener: () => void): void;
}

type NodeWorker = new (
  source: string,
  options: { readonly eval: true; readonly execArgv: readonly string[] },
) => AnyWorker;
interface NodeProcess {
  getBuiltinModule?(name: string): { readonly Worker: NodeWorker };
}

/**
 * Starts a worker on {@link threadSource}. In Node it keeps the process alive until it is ready, and no longer.
 *
 * @param first - its first message
 * @param onEnd - called if it ends by itself, or does not start
 */
export function startWorker(first: unknown, onEnd: () => void): StartedWorker {
  const { process } = globalThis as { readonly process?: NodeProcess };
  // Keeps Node's module out of bundles. Without arguments of the process: hooks that load modules would take long, and load none.
  const node = process?.getBuiltinModule?.('worker_threads');
  const worker = node ? new node.Worker(threadSource, { eval: true, execArgv: [] }) : fromBlob();
  let settle = (): void => {};
  const ready = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    settle = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  const listen = (type: string, then: () => void): void => {
    const listener = (): void => {
      then();
      settle();
    };
    if (worker.on) worker.on(type, listener);
    else worker.addEventListener?.(type, listener);
  };
  listen('message', () => worker.unref?.());
  listen('error', onEnd);
  listen('exit', onEnd);
  worker.postMessage(first);
  return {
    ready,
    terminate() {
      worker.terminate();
      settle();
    },
  };
}

/** Whoever waits for a worker that says nothing goes on without it; it may still come. */
const PATIENCE_MS = 10_000;

function fromBlob(): AnyWorker {
  const url = URL.createObjectURL(new Blob([threadSource], { type: 'text/javascript' }));
  const worker = new Worker(url);
  const forget = (): void => URL.revokeObjectURL(url);
  worker.addEventListener('message', forget, { once: true });
  worker.addEventListener('error', forget, { once: true });
  return worker;
}
