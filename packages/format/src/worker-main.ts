import type { Form } from '@pare/core';
import { decodeStream } from './everything.ts';
import type { Answer, Request } from './worker-messages.ts';

interface Port {
  postMessage(answer: Answer, transfer: readonly ArrayBuffer[]): void;
  on?(type: 'message', listener: (request: Request) => void): void;
  onmessage?: ((event: { readonly data: Request }) => void) | null;
}

const running = new Map<number, AbortController>();

/** Answers requests that come through a port. This file does so for the port of the worker that loads it. */
export function serveDecoding(port: Port): void {
  if (port.on) port.on('message', (request) => void answer(port, request));
  else port.onmessage = ({ data }) => void answer(port, data);
}

async function answer(port: Port, request: Request): Promise<void> {
  const { id } = request;
  const send = (content: object, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage({ id, ...content } as Answer, transfer);
  if ('abort' in request) {
    running.get(id)?.abort();
    return;
  }
  const { source, dense, limits } = request;
  const abort = new AbortController();
  running.set(id, abort);
  try {
    const chunks = typeof source === 'string' ? await download(source, abort.signal) : [source];
    const onProgress = (progress: object): void => send({ progress });
    for await (const part of decodeStream(chunks, { dense, limits, signal: abort.signal, onProgress })) {
      if (part.kind === 'header') send({ header: part.header });
      else send({ weight: part.weight }, buffersOf(part.weight.form));
    }
    send({ done: true });
  } catch (error) {
    const { name, message, ...fields } = error as Error;
    send({ error: { ...fields, name, message } });
  } finally {
    running.delete(id);
  }
}

async function download(url: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url, { signal });
  if (!response.ok || !response.body) {
    const message = `${url}: the server answers ${response.status} ${response.statusText}`.trimEnd();
    throw Object.assign(new Error(message), { name: 'MissingPartError', code: 'http-status', part: url });
  }
  return response.body;
}

/** The arrays of a form change hands instead of being copied. */
const buffersOf = (form: Form): ArrayBuffer[] => [
  ...new Set(Object.values(form).flatMap((value) => (ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : []))),
];

// In Node a worker has a port, elsewhere it is one itself. `getBuiltinModule` keeps Node's module out of bundles.
const node = (globalThis as { process?: { getBuiltinModule?(name: string): { parentPort: Port | null } } }).process;
const inWorker = typeof document === 'undefined' && 'onmessage' in globalThis;
const port =
  node?.getBuiltinModule?.('worker_threads').parentPort ?? (inWorker ? (globalThis as unknown as Port) : undefined); // the border to the platform
// The one file of this package that acts when it is loaded, and only in a worker: a worker is made for that.
if (port) serveDecoding(port);
