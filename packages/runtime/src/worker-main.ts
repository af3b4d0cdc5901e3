import { wasmDecoders } from '@pare/format/wasm';
import { type StreamedRuntime, streamRuntime } from './stream-runtime.ts';
import { threads as inThreads } from './threads.ts';
import type { Answer, Request, SentError } from './worker-messages.ts';

interface Port {
  postMessage(answer: Answer, transfer: readonly ArrayBuffer[]): void;
  on?(type: 'message', listener: (request: Request) => void): void;
  onmessage?: ((event: { readonly data: Request }) => void) | null;
}

const networks = new Map<number, StreamedRuntime>();

/** Answers requests that come through a port. This file does so for the port of the worker that loads it. */
export function serveNetworks(port: Port): void {
  const answer = async (request: Request): Promise<void> => {
    const { id } = request;
    try {
      const [content, transfer = []] = await answerTo(request);
      port.postMessage({ id, ...content } as Answer, transfer);
    } catch (error) {
      // What our errors have, and nothing else: whatever is thrown may carry what cannot be sent.
      const { name, message, code, byte, part, layer } = Object(error) as SentError;
      port.postMessage({ id, error: { name, message, code, byte, part, layer } }, []);
    }
  };
  if (port.on) port.on('message', (request) => void answer(request));
  else port.onmessage = ({ data }) => void answer(data);
}

async function answerTo(request: Request): Promise<[content: object, transfer?: ArrayBuffer[]]> {
  const { network } = request;
  if ('source' in request) {
    const { source, limits, maximumBytes, threads } = request;
    const chunks = typeof source === 'string' ? await download(source) : [source];
    const options = {
      ...(limits && { limits }),
      ...(maximumBytes !== undefined && { maximumBytes }),
      ...(threads !== undefined && { threads: inThreads(threads) }),
    };
    const runtime = await streamRuntime(chunks, { decoders: wasmDecoders, ...options });
    networks.set(network, runtime);
    const { layers, labels, inputShape, outputShape } = runtime;
    return [{ opened: { layers, labels, inputShape, outputShape } }];
  }
  const runtime = networks.get(network);
  if ('dispose' in request) {
    runtime?.dispose();
    networks.delete(network);
    return [{ done: true }];
  }
  if (!runtime) throw new Error('run: this runtime has been disposed of: make another with runtimeInWorker');
  const output = await runtime.run(request.input);
  return [{ output }, [output.buffer as ArrayBuffer]];
}

async function download(url: string): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url);
  if (response.ok && response.body) return response.body;
  const message = `${url}: the server answers ${response.status} ${response.statusText}`.trimEnd();
  throw Object.assign(new Error(message), { name: 'MissingPartError', code: 'http-status', part: url });
}

// In Node a worker has a port, elsewhere it is one itself. `getBuiltinModule` keeps Node's module out of bundles.
const node = (globalThis as { process?: { getBuiltinModule?(name: string): { parentPort: Port | null } } }).process;
const inWorker = typeof document === 'undefined' && 'onmessage' in globalThis;
const port =
  node?.getBuiltinModule?.('worker_threads').parentPort ?? (inWorker ? (globalThis as unknown as Port) : undefined); // the border to the platform
// The one file of this package that acts when it is loaded, and only in a worker: a worker is made for that.
if (port) serveNetworks(port);
