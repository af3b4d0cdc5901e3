import { startThreads } from '@pare/sparse-kernels/threads';
import type { StartThreads } from './runtime.ts';

export { ThreadError, type ThreadErrorCode, threadsSupported } from '@pare/sparse-kernels/threads';

/**
 * Lets a network be run by several threads, each of which computes some channels of each layer: the option `threads` of `createRuntime` and
 * `streamRuntime`. What comes out is the same bit by bit.
 *
 * They are workers that share one memory, started with the network and ended by its `dispose`; in Node they keep no process alive. The
 * network can be run before they are there (`warmUp` waits for them) and where they are not: in a page that is not
 * cross-origin isolated the calling thread computes all. `runtime.threads` says how many there are.
 *
 * @param count - threads, the calling one included. Default `'auto'`: as many as the machine has cores, 4 at most
 * @throws RangeError, from what it is given to, if the count is not a whole number from 1 to 64
 * @example
 * const layers = [
 *   { kind: 'input', name: 'data', inputs: [], outputShape: [3] },
 *   { kind: 'relu', name: 'relu', inputs: ['data'], outputShape: [3] },
 * ];
 * const runtime = createRuntime({ layers, weights: [], history: [] }, { threads: threads(2) });
 * await runtime.warmUp();
 * const count = runtime.threads;
 * runtime.dispose();
 * count // 2
 */
export const threads =
  (count: number | 'auto' = 'auto'): StartThreads =>
  ({ maximumBytes }) =>
    startThreads({ count, maximumBytes });
